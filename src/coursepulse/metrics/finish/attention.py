"""Metrics about members a manager should talk to: one by one, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.attention import RecentLearning, TalkReason, attention
from coursepulse.metrics.finish.teams import fingerprint
from coursepulse.metrics.query import Query

#: The queries behind it: on the rollups, and of the roster.
RECENT, RUNNING, ENDS = "team_recent", "team_running", "ends"


class _Member(NamedTuple):
    student_id: UUID
    recent: RecentLearning
    last_at: datetime | None
    reasons: list[TalkReason]


def list_members(found: QueryRows, query: Query) -> list[Row]:
    """One row per member who agrees to analytics and gives a reason."""
    return [
        {
            "student_id": each.student_id,
            "why": each.reasons[0].value,
            "open_courses": each.recent.courses,
            "time_30": each.recent.time_spent,
            "last_activity_at": each.last_at,
            "next_end_on": each.recent.next_end,
            "quiet": _quiet(each, query.judged_on),
        }
        for each in _judge(found, query)
        if each.reasons
    ]


def list_judged(found: QueryRows, query: Query) -> list[Row]:
    """One row per member with something to learn, with every reason to talk to the member."""
    return [
        {
            "student_id": each.student_id,
            "open_courses": each.recent.courses,
            "reasons": [reason.value for reason in each.reasons],
            "time": each.recent.time_spent,
            "last_on": each.recent.last_day,
            "next_end_on": each.recent.next_end,
        }
        for each in _judge(found, query)
        if each.recent.courses or each.reasons
    ]


def add_up(found: QueryRows, query: Query) -> list[Row]:
    """How many members give each reason."""
    members = list(_judge(found, query))
    reasons = [reason for each in members for reason in each.reasons]
    return [
        {
            "team_id": query.team,
            "roster": fingerprint(row["student_id"] for row in found[RECENT]),
            "learning": sum(1 for each in members if each.recent.courses),
            **{reason.value: reasons.count(reason) for reason in TalkReason},
        }
    ]


def _judge(found: QueryRows, query: Query) -> Iterator[_Member]:
    courses: dict[UUID, list[str]] = {}
    for row in found[RUNNING]:
        courses.setdefault(row["student_id"], []).append(row["course_id"])
    ends = {(row["student_id"], row["course_id"]): row["ends_on"] for row in found[ENDS]}
    for row in found[RECENT]:
        if row["agrees"]:
            yield _member(row, courses.get(row["student_id"], []), ends, query.judged_on)


def _member(
    row: Row, courses: Sequence[str], ends: dict[tuple[UUID | None, str], date], today: date
) -> _Member:
    student, last_at = row["student_id"], row["last_activity_at"]
    days = [ends.get((student, course), ends.get((None, course))) for course in courses]
    next_end = min((day for day in days if day and day >= today), default=None)
    recent = RecentLearning(len(courses), row["time_spent"], last_at.date() if last_at else None, next_end)
    return _Member(student, recent, last_at, attention(recent, today))


def _quiet(member: _Member, today: date) -> int | None:
    """Days since the last learning event."""
    return (today - member.recent.last_day).days if member.recent.last_day else None
