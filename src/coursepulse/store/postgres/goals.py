"""Goals that students set for themselves."""

from __future__ import annotations

from uuid import UUID

from coursepulse.campus.goals import Goal, GoalKind
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class GoalStore:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def put(self, student: bytes, goal: Goal, at: Micros) -> None:
        """Give a student a goal, in the place of an earlier one of the kind and course."""
        self._run(
            "set",
            student,
            goal.kind,
            goal.course_id,
            minutes=goal.minutes,
            finish_on=goal.finish_on,
            at=from_micros(at),
        )

    def drop(self, student: bytes, kind: GoalKind, course_id: str) -> bool:
        """Take a goal of a student away; whether there was one."""
        return self._run("drop", student, kind, course_id) > 0

    def _run(self, query: str, student: bytes, kind: GoalKind, course_id: str, **values: object) -> int:
        """How many rows were written or taken away."""
        about = {"student": UUID(bytes=student), "kind": kind.value, "course": course_id}
        with translate_errors("The goals"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[f"goals_{query}"], {**about, **values}).rowcount
