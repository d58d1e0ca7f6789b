"""Withdrawal of single events in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class WithdrawnEvent(NamedTuple):
    """A stored event, and the student, course and day it counts for."""

    event: UUID
    student: bytes
    course_id: str
    day: date


class RawWithdrawal:
    """Finds events by their ids and empties them. Every method raises StoreUnavailable."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def find(self, events: Collection[bytes]) -> list[WithdrawnEvent]:
        """Those of these events that are stored and not empty."""
        wanted = {"events": [UUID(bytes=event) for event in events]}
        with translate_errors(), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["withdrawal_find"], wanted).fetchall()
        return [WithdrawnEvent(event, student.bytes, course, day) for event, student, course, day in rows]

    def carried(self, student: bytes, without: Collection[WithdrawnEvent], since: date) -> set[int]:
        """The numbers under which the log carried the other events of a student, from a UTC day on."""
        which = {
            "student": UUID(bytes=student),
            "since": since,
            "events": [each.event for each in without],
        }
        with translate_errors(), self._pool.connection() as connection:
            return {number for (number,) in connection.execute(_QUERIES["withdrawal_carried"], which)}

    def empty(self, found: Collection[WithdrawnEvent]) -> None:
        """Remove everything but their ids."""
        which = {"events": [each.event for each in found], "days": sorted({each.day for each in found})}
        with translate_errors(), self._pool.connection() as connection, connection.transaction():
            connection.execute(_QUERIES["withdrawal_records"], which)
            connection.execute(_QUERIES["withdrawal_mark"], which)
