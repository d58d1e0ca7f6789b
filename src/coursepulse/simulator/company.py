"""A company whose employees learn on the simulated campus, and the manager of their team."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import msgspec

from coursepulse.campus.organisations import Organisation, Team
from coursepulse.campus.people import Person, PlatformRole

COMPANY = Organisation(organisation_id="northwind", name="Northwind Logistics")

#: The manager of the demo login.
MANAGER = Person(
    external_id="rosa.klein",
    name="Rosa Klein",
    email="rosa.klein@example.com",
    time_zone="Europe/Berlin",
    role=PlatformRole.STAFF,
    organisation_id=COMPANY.organisation_id,
)

#: The first students of the campus; enough that the team is not a small group.
_MEMBERS = 60


def employ(students: Iterable[Person]) -> list[Person]:
    """The students, with the company's employees marked as such, and their manager."""
    everyone = list(students)
    sent = {person.external_id for person in _choose(everyone)}
    return [
        msgspec.structs.replace(person, organisation_id=COMPANY.organisation_id)
        if person.external_id in sent
        else person
        for person in everyone
    ] + [MANAGER]


def make_team(people: Iterable[Person]) -> Team:
    """The company's employees."""
    employees = [person for person in people if person.organisation_id == COMPANY.organisation_id]
    return Team(
        team_id="operations",
        organisation_id=COMPANY.organisation_id,
        name="Operations",
        managers=(MANAGER.external_id,),
        members=tuple(person.external_id for person in employees if person != MANAGER),
    )


def _choose(students: Iterable[Person]) -> Iterable[Person]:
    return islice((person for person in students if not person.is_test), _MEMBERS)
