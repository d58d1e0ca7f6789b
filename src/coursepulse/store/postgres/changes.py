"""What batches have changed, told from process to process by the rows of ``changed_keys``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, NamedTuple

import msgspec

from coursepulse.kit.clock import HOUR, Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

#: Kept for so long. A leader reads on where the last one stopped; servers only tell of what has just happened.
CHANGES_KEPT: Micros = HOUR

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Rows that are read at once.
_SOME = 200

_ID = 16


class ChangedRow(NamedTuple):
    """One row.

    :param kind: ``served`` by a batch; ``followed`` by the rollups of learners; ``erased`` and ``renewed`` are students
        whose data were changed at rest
    """

    number: int
    kind: str
    latest_event_at: Micros | None
    noted_at: Micros
    learners: set[tuple[str, bytes]]
    days: set[date]


class ChangesFeed:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def newest(self) -> int:
        """The number of the newest row; 0 without any."""
        with translate_errors("Changes"), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["changes_newest"]).fetchone()
        return int(found[0]) if found else 0

    def after(self, number: int) -> Iterator[ChangedRow]:
        """All rows after a number, in order."""
        while rows := self._read(number):
            yield from rows
            number = rows[-1].number

    def told_after(self, number: int) -> list[ChangedRow]:
        """Of the rows after a number those about students whose data were changed at rest."""
        with translate_errors("Changes"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["changes_told"], {"after": number}).fetchall()
        return [_open(row) for row in rows]

    def note(self, kind: str, learners: Collection[tuple[str, bytes]], now: Micros) -> None:
        """Tell the other processes of something beside the batches."""
        values = {"kind": kind, "learners": pack_learners(learners), "now": from_micros(now)}
        with translate_errors("Changes"), self._pool.connection() as connection:
            connection.execute(_QUERIES["changes_note"], values)

    def prune(self, now: Micros) -> None:
        """Let go of what is too old."""
        with translate_errors("Changes"), self._pool.connection() as connection:
            connection.execute(_QUERIES["changes_prune"], {"before": from_micros(now - CHANGES_KEPT)})

    def _read(self, number: int) -> list[ChangedRow]:
        with translate_errors("Changes"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["changes_after"], {"after": number, "some": _SOME}).fetchall()
        return [_open(row) for row in rows]


def _open(row: tuple[Any, ...]) -> ChangedRow:
    number, kind, latest, noted, learners, days = row
    latest_at = None if latest is None else to_micros(latest)
    return ChangedRow(number, kind, latest_at, to_micros(noted), set(unpack_learners(learners)), set(days))


def pack_learners(learners: Collection[tuple[str, bytes]]) -> bytes:
    """Some 16 bytes for each."""
    by_course: dict[str, bytearray] = defaultdict(bytearray)
    for course, student in learners:
        by_course[course] += student
    return msgspec.msgpack.encode(by_course)


def unpack_learners(packed: bytes) -> Iterator[tuple[str, bytes]]:
    """What :func:`pack_learners` was given, in some order."""
    for course, students in msgspec.msgpack.decode(packed, type=dict[str, bytes]).items():
        for place in range(0, len(students), _ID):
            yield course, students[place : place + _ID]
