"""What a team did week by week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.finish.teams import fingerprint
from coursepulse.metrics.query import Query
from coursepulse.privacy.small_groups import UNSEEN

#: The queries behind it.
LEARNERS, WEEKS = "team_learners", "team_weeks"


def add_up(found: QueryRows, query: Query) -> list[Row]:
    """One row for each whole week of the period, also of those in which nobody learned: that would tell something."""
    members = {row["student_id"] for row in found[LEARNERS]}
    rows = [row for row in found[WEEKS] if row["student_id"] in members]
    roster = fingerprint(members)
    return [
        {"team_id": query.team, "roster": roster, UNSEEN: len(members), "week": week}
        | _week([row for row in rows if row["week"] == week])
        for week in _weeks(*query.days)
    ]


def _weeks(start: date, end: date) -> Iterator[date]:
    monday = start + timedelta(days=-start.weekday() % 7)
    while monday + timedelta(days=7) <= end:
        yield monday
        monday += timedelta(days=7)


def _week(rows: Sequence[Row]) -> Row:
    return {
        "active_members": sum(1 for row in rows if row["active"]),
        "time_spent": sum(row["micros"] for row in rows) / SECOND,
        "lessons_completed": sum(row["lessons"] for row in rows),
        "with_lessons": sum(1 for row in rows if row["lessons"]),
    }
