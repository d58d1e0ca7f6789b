"""Metrics about a team: the rows of its members, one by one and added up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from uuid import UUID

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.stats import mean
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.query import Query

#: The query behind it, and those of the roster.
ROWS, SHARING, NAME = "team_rows", "sharing", "name"


def list_members(found: QueryRows, _: Query) -> list[Row]:
    """One row per member who agreed to analytics."""
    return [row for row in found[ROWS] if row["agrees"]]


def add_up(found: QueryRows, query: Query) -> list[Row]:
    """The team as a whole, and how many are behind each number."""
    rows = found[ROWS]
    sharing = {row["student_id"] for row in found[SHARING] if row["shares"]}
    linked = [row for row in rows if row["linked"]]
    return [
        {
            "team_id": query.team,
            "team": next((row["name"] for row in found[NAME]), ""),
            "roster": fingerprint(row["student_id"] for row in rows),
            "members": len(rows),
            "not_agreed": sum(1 for row in linked if not row["agrees"] or row["student_id"] not in sharing),
            "not_linked": len(rows) - len(linked),
            "active_members": _count(rows, "active"),
            # Whole microseconds add up exactly, in any order.
            "time_spent": sum(row["micros"] for row in rows) / SECOND,
            "lessons_completed": sum(row["lessons_completed"] for row in rows),
            "with_lessons": _count(rows, "lessons_completed"),
            "courses_completed": sum(row["courses_completed"] for row in rows),
            "with_course_completed": _count(rows, "courses_completed"),
            # Of means, so that nobody weighs more than another: small groups count people, not enrolments.
            "completion_pct": mean(_known(rows, "completion_pct")),
            "with_completion": len(_known(rows, "completion_pct")),
            "score_pct": mean(_known(rows, "score_pct")),
            "with_score": len(_known(rows, "score_pct")),
        }
    ]


def _count(rows: Sequence[Row], column: str) -> int:
    return sum(1 for row in rows if row[column])


def _known(rows: Sequence[Row], column: str) -> list[float]:
    return [row[column] for row in rows if row[column] is not None]


def fingerprint(students: Iterable[UUID]) -> str:
    """Says who is in a group without saying it: drawn from for small groups."""
    ids = sorted(student.bytes for student in students)
    return blake2b(b"".join(ids), digest_size=16).hexdigest()
