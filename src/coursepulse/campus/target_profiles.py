"""What a job role needs: skills and courses, each with a level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from coursepulse.campus.organisations import Name
from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.event import Id, OptionalId

Level = Annotated[float, Meta(ge=0, le=100)]


class Need(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A skill or a course.

    :param level: per cent: of the best results in the assessments of the skill, or of the lessons of the course
    """

    skill: OptionalId = ""
    course_id: OptionalId = ""
    level: Level


class TargetProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job role in an organisation.

    :param people: the platform's ids of those who work in it
    """

    profile_id: Id
    organisation_id: Id
    name: Name = ""
    needs: tuple[Need, ...] = ()
    people: tuple[Id, ...] = ()


def check_profile(row: TargetProfile) -> Iterator[Trouble]:
    """Checks of a profile that types cannot express."""
    seen: set[tuple[str, str]] = set()
    for place, need in enumerate(row.needs):
        if bool(need.skill) == bool(need.course_id):
            sentence = "Send either `skill` or `course_id`: what the role needs."
            yield Trouble(RowFault.ONE_OF_TWO, f"$.needs[{place}]", sentence)
        if (need.skill, need.course_id) in seen:
            sentence = f"`{need.skill or need.course_id}` is needed twice; send one level."
            yield Trouble(RowFault.DUPLICATE_ID, f"$.needs[{place}]", sentence)
        seen.add((need.skill, need.course_id))
