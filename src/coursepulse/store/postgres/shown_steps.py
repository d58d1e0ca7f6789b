"""Which next steps students were shown, and when: to see afterwards whether they took them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class NextStep(NamedTuple):
    """An advice about one thing in a course.

    :param kind: lesson, video, quiz, assignment or course
    """

    course: str
    advice: str
    kind: str
    item: str


class ShownStep(NamedTuple):
    """When a student, by pseudonym as text, first saw an advice in a period, and what it was about."""

    student: str
    at: datetime
    advice: str
    kind: str
    item: str


class ShownSteps:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param pool: connections of the service
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def note(self, student: bytes, steps: Iterable[NextStep], at: Micros) -> None:
        """A student sees some steps; what they saw before keeps its moment."""
        known = {"student": UUID(bytes=student), "at": from_micros(at)}
        rows = [known | step._asdict() for step in sorted(set(steps))]
        with translate_errors("Steps"), self._pool.connection() as connection, connection.cursor() as cursor:
            cursor.executemany(_QUERIES["steps_note"], rows)

    def of_course(self, course: str, start: date, end: date) -> list[ShownStep]:
        """What was first shown on the days from ``start`` to before ``end``, by those who agree to suggestions now."""
        values = {"course": course, "start": start, "end": end, "purpose": Purpose.PERSONALISATION.value}
        with translate_errors("Steps"), self._pool.connection() as connection:
            return [ShownStep(*row) for row in connection.execute(_QUERIES["steps_shown"], values)]

    def prune(self, before: Micros) -> int:
        """Let go of what was shown before a moment; returns how many rows went."""
        with translate_errors("Steps"), self._pool.connection() as connection:
            return connection.execute(_QUERIES["steps_prune"], {"before": from_micros(before)}).rowcount
