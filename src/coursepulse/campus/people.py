"""The people of a platform: names live here and in one PostgreSQL table, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, NamedTuple
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta

from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.event import Id, OptionalId


class PlatformRole(StrEnum):
    """A person's role on the platform. Only students count as active learners."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"
    STAFF = "staff"


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person, by the platform's own id.

    :param time_zone: an IANA name; a learner's days and streaks are counted in it
    :param is_test: a test account; left out of every number about learners
    :param organisation_id: where they learn or work, such as an employer or a faculty; empty for none
    """

    external_id: Id
    name: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=254, pattern="^$|^[^@ ]+@[^@ ]+$")] = ""
    time_zone: str = "UTC"
    role: PlatformRole = PlatformRole.STUDENT
    is_test: bool = False
    organisation_id: OptionalId = ""

    @property
    def is_staff(self) -> bool:
        """Teaches or runs the platform, so does not count as a learner."""
        return self.role is not PlatformRole.STUDENT


class KnownPerson(NamedTuple):
    """A person as screens need them."""

    student_id: bytes
    external_id: str
    name: str
    time_zone: str
    is_staff: bool
    is_test: bool


def check_person(person: Person) -> Iterator[Trouble]:
    """Checks of a person that types cannot express."""
    if person.time_zone not in _time_zones():
        yield Trouble(
            RowFault.UNKNOWN_TIME_ZONE,
            "$.time_zone",
            f"`{person.time_zone[:64]}` is not an IANA time zone; send a name such as Europe/Berlin or UTC.",
        )


@lru_cache(maxsize=1)
def _time_zones() -> set[str]:
    return available_timezones()
