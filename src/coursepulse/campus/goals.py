"""Goals that students set for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.event import Id, OptionalId

#: Minutes of a week that anybody could want to learn: half of all there are.
MOST_MINUTES = 5040

Minutes = Annotated[int, Meta(ge=1, le=MOST_MINUTES)]


class GoalKind(StrEnum):
    """What a goal is about."""

    WEEKLY_MINUTES = "weekly_minutes"
    FINISH_COURSE = "finish_course"


class GoalStatus(StrEnum):
    """Whether a goal holds. One that is withdrawn is deleted."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Goal(NamedTuple):
    """A goal as it is kept: one of each kind, and one for each course.

    :param course_id: empty for minutes a week, which count in all courses
    :param finish_on: the last day on which the course is finished in time
    """

    kind: GoalKind
    course_id: str = ""
    minutes: int | None = None
    finish_on: date | None = None


class GoalRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A goal that a student set on the platform.

    :param course_id: the course to finish
    :param minutes: minutes a week, over all courses
    :param finish_on: the last day on which the course is finished in time
    """

    external_id: Id
    kind: GoalKind
    course_id: OptionalId = ""
    minutes: Minutes | None = None
    finish_on: date | None = None
    status: GoalStatus = GoalStatus.ACTIVE

    @property
    def goal(self) -> Goal:
        """The goal alone."""
        return Goal(self.kind, self.course_id, self.minutes, self.finish_on)


def check_goal(row: GoalRow) -> Iterator[Trouble]:
    """Checks of a goal that types cannot express."""
    weekly = row.kind is GoalKind.WEEKLY_MINUTES
    if weekly and (row.course_id or row.finish_on):
        sentence = "A goal of minutes a week counts in all courses; leave out `course_id` and `finish_on`."
        yield Trouble(RowFault.INVALID_VALUE, "$", sentence)
    if not weekly and (row.minutes is not None or not row.course_id):
        sentence = "To finish a course, send its `course_id`, and no `minutes`."
        yield Trouble(RowFault.INVALID_VALUE, "$", sentence)
    missing = "minutes" if weekly else "finish_on"
    if row.status is GoalStatus.ACTIVE and getattr(row, missing) is None:
        yield Trouble(RowFault.MISSING_FIELD, f"$.{missing}", f"`{missing}` is required.")
