"""A company whose people learn on the simulated campus, and who leads them as a team."""

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

#: The first students of the campus, and enough that the team is no small group.
_MEMBERS = 60


def employ(students: Iterable[Person]) -> list[Person]:
    """The students, those whom the company sends with its name, and their manager."""
    everyone = list(students)
    sent = {person.external_id for person in _choose(everyone)}
    return [
        msgspec.structs.replace(person, organisation_id=COMPANY.organisation_id)
        if person.external_id in sent
        else person
        for person in everyone
    ] + [MANAGER]


def make_team(people: Iterable[Person]) -> Team:
    """Whom the company sends."""
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
