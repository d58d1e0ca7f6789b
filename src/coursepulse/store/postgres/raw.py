"""The raw store: every accepted event once. It decides which are new, and everything downstream believes it.

New events are copied straight into the partition of their day, in which an id stands once. Looking each id up first
would cost as much as storing it, so that is done for those stored lately; should another turn out to be there
already, the database says so, and all are looked up until no more such come (docs/decisions/0014).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.errors import UniqueViolation
from psycopg.types.string import BytesBinaryDumper

from coursepulse.events.event import Event, identity
from coursepulse.kit.clock import DAY, Micros, from_micros, to_days, to_micros, utc_date
from coursepulse.kit.errors import StoreRejected, StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.log.port import Block, event_position
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.store.postgres.recent import Recent
from coursepulse.store.postgres.rows import TYPES, to_row

#: The consumer that this store is, in ``pipeline_positions``.
NAME = "raw"

#: Days whose partitions are made ahead, so that no batch at midnight waits for a table.
_AHEAD = 7

_QUERIES = Queries("coursepulse.store.postgres.queries")

_Placed: TypeAlias = list[tuple[int, Event]]

#: Of events that are stored, the log position that carried each.
_Stored: TypeAlias = dict[tuple[bytes, int], int]


class Written(NamedTuple):
    """What came of a batch.

    :param fresh: the events that were stored under their own log position, by this or an earlier call
    :param duplicates: how many others there were
    """

    fresh: list[Event]
    duplicates: int


class Progress(NamedTuple):
    """How far a consumer of the log has come.

    :param latest_event_at: the newest event that it has seen
    """

    position: int
    latest_event_at: Micros | None
    applied_at: Micros


class RawStore:
    """Raw events in PostgreSQL. Every method raises StoreUnavailable when the database does not answer.

    :param recent: the memory of what was stored lately; a smaller one costs time and nothing else
    """

    def __init__(self, pool: Pool, recent: Recent | None = None) -> None:
        self._pool = pool
        self._recent = recent or Recent()
        # What was stored before this start is remembered by the database alone.
        self._look_all_up = True

    def prepare(self, now: Micros) -> int:
        """Make the partitions of today and the next days; returns how many were missing."""
        today = utc_date(now)
        days = [today + timedelta(days=ahead) for ahead in range(_AHEAD + 1)]
        with translate_errors(), self._pool.connection() as connection, connection.transaction():
            return _create_partitions(connection, days)[0]

    def write(self, blocks: list[Block], skip: Collection[int] = ()) -> Written:
        """Store the events of ``blocks``, but those at the log positions in ``skip``, in one transaction.

        Writing blocks again, whatever became of the first time, gives the same answer and changes nothing.

        :raises StoreRejected: when an event fits no row; nothing was stored
        """
        placed = _place(blocks, skip)
        first = _keep_first(placed)
        try:
            stored = self._store(first, blocks[-1].position)
        except (ValueError, OverflowError) as error:
            raise StoreRejected(f"An event fits no row: {error}") from error
        if stored:
            first = [one for one in first if stored.get(identity(one[1]), one[0]) == one[0]]
        return Written([event for _, event in first], len(placed) - len(first))

    def _store(self, first: _Placed, position: int) -> _Stored:
        """What of these events was stored before."""
        with translate_errors():
            if not self._look_all_up:
                try:
                    known = self._recent.find(_ids(first))
                    doubtful = [one for one in first if one[1].event_id in known] if known else []
                    return self._add(first, position, doubtful)
                except UniqueViolation:
                    self._look_all_up = True
            try:
                return self._add(first, position, first)
            except UniqueViolation as error:
                raise StoreUnavailable("PostgreSQL: another server stores the same events.") from error

    def _add(self, first: _Placed, position: int, doubtful: _Placed) -> _Stored:
        """Store what is not stored yet.

        :param doubtful: the events that are looked up first
        :raises UniqueViolation: when one of the others is stored already; nothing has changed
        """
        latest = max((event.at for _, event in first), default=None)
        # The best that a transaction without a clock can say about when it was: not before its newest event came.
        received = max((event.received_at for _, event in first), default=0)
        with self._pool.connection() as connection, connection.transaction():
            stored = _find_stored(connection, doubtful)
            _copy(connection, [one for one in first if identity(one[1]) not in stored] if stored else first)
            _advance(connection, NAME, position, latest, received)
        if len(doubtful) == len(first):
            ids = {event_id for event_id, _ in stored}
            self._look_all_up = bool(ids - self._recent.find(ids))
        self._recent.add(_ids(first))
        return stored

    def progress(self, name: str) -> Progress | None:
        """How far ``name`` has come, or None before it has begun."""
        with translate_errors(), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["get_position"], {"name": name}).fetchone()
        if found is None:
            return None
        position, latest, applied = found
        return Progress(position, None if latest is None else to_micros(latest), to_micros(applied))

    def position(self, name: str) -> int:
        """The block position up to which ``name`` has finished, 0 at first."""
        found = self.progress(name)
        return found.position if found else 0

    def advance(self, name: str, position: int, latest_event_at: Micros | None, applied_at: Micros) -> None:
        """Remember that ``name`` has finished everything up to the block at ``position``. Never goes back."""
        with translate_errors(), self._pool.connection() as connection:
            _advance(connection, name, position, latest_event_at, applied_at)

    def expired_days(self, day: date) -> list[date]:
        """The UTC days before ``day`` of which nothing has been received since."""
        with translate_errors(), self._pool.connection() as connection:
            return [found for (found,) in connection.execute(_QUERIES["find_expired_days"], {"day": day})]

    def drop_days(self, days: list[date]) -> int:
        """Delete the events of whole UTC days; returns how many days had a partition."""
        with translate_errors(), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["drop_partitions"], {"days": days}).fetchone()
            return int(found[0]) if found else 0


def _place(blocks: list[Block], skip: Collection[int]) -> _Placed:
    placed = [
        one for block in blocks for one in enumerate(block.events, start=event_position(block.position, 0))
    ]
    return [one for one in placed if one[0] not in skip] if skip else placed


def _ids(placed: _Placed) -> set[bytes]:
    return {event.event_id for _, event in placed}


def _keep_first(placed: _Placed) -> _Placed:
    """Of events that are the same, the one with the lowest position."""
    if len(_ids(placed)) == len(placed):
        return placed
    seen: dict[tuple[bytes, int], tuple[int, Event]] = {}
    for one in placed:
        seen.setdefault(identity(one[1]), one)
    return list(seen.values())


def _by_day(placed: _Placed) -> list[tuple[date, _Placed]]:
    days: dict[int, _Placed] = {}
    for one in placed:
        days.setdefault(one[1].at // DAY, []).append(one)
    return [(utc_date(number * DAY), days[number]) for number in sorted(days)]


def _find_stored(connection: psycopg.Connection, placed: _Placed) -> _Stored:
    stored: _Stored = {}
    for day, some in _by_day(placed):
        which = {"day": day, "events": [UUID(bytes=event.event_id) for _, event in some]}
        # Never prepared: a plan made while the partitions were small would scan them for good.
        for found, position in connection.execute(_QUERIES["find_stored"], which, prepare=False, binary=True):
            stored[found.bytes, to_days(day)] = position
    return stored


def _copy(connection: psycopg.Connection, placed: _Placed) -> None:
    days = _by_day(placed)
    partitions = _create_partitions(connection, [day for day, _ in days])[1]
    for partition, (_, some) in zip(partitions, days, strict=True):
        query = sql.SQL(_QUERIES["copy_events"]).format(partition=sql.Identifier(partition))
        with connection.cursor() as cursor:
            # In place of the one for ``Binary`` objects (PEP 249), which is in Python and asks each value what it is.
            cursor.adapters.register_dumper(bytes, BytesBinaryDumper)
            _copy_rows(cursor, query, some)


def _copy_rows(cursor: psycopg.Cursor, query: sql.Composed, placed: _Placed) -> None:
    with cursor.copy(query) as copy:
        copy.set_types(TYPES)
        for position, event in placed:
            copy.write_row(to_row(position, event))


def _create_partitions(connection: psycopg.Connection, days: list[date]) -> tuple[int, list[str]]:
    """How many were missing, and the names of all."""
    found = connection.execute(_QUERIES["create_partitions"], {"days": days}).fetchone()
    return found or (0, [])


def _advance(
    connection: psycopg.Connection, name: str, position: int, latest: Micros | None, applied: Micros
) -> None:
    values = {
        "name": name,
        "position": position,
        "latest_event_at": None if latest is None else from_micros(latest),
        "applied_at": from_micros(applied),
    }
    connection.execute(_QUERIES["advance_position"], values)
