"""The raw store: every accepted event once. It decides which are new, and everything downstream believes it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

import psycopg

from coursepulse.events.event import Event, identity
from coursepulse.kit.clock import DAY, Micros, from_micros, to_micros, utc_date
from coursepulse.kit.errors import StoreRejected
from coursepulse.kit.sql import Queries
from coursepulse.log.port import Block, event_position
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.store.postgres.rows import TYPES, to_row

#: The consumer that this store is, in ``pipeline_positions``.
NAME = "raw"

#: Days whose partitions are made ahead, so that no batch at midnight waits for a table.
_AHEAD = 7

_QUERIES = Queries("coursepulse.store.postgres.queries")

_Placed = list[tuple[int, Event]]


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
    """Raw events in PostgreSQL. Every method raises StoreUnavailable when the database does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def prepare(self, now: Micros) -> int:
        """Make the partitions of today and the next days; returns how many were missing."""
        today = utc_date(now)
        days = [today + timedelta(days=ahead) for ahead in range(_AHEAD + 1)]
        with translate_errors(), self._pool.connection() as connection, connection.transaction():
            return _create_partitions(connection, days)

    def write(self, blocks: list[Block], skip: Collection[int] = ()) -> Written:
        """Store the events of ``blocks``, but those at the log positions in ``skip``, in one transaction.

        Writing blocks again, whatever became of the first time, gives the same answer and changes nothing.

        :raises StoreRejected: when an event fits no row; nothing was stored
        """
        placed = [
            (position, event)
            for block in blocks
            for index, event in enumerate(block.events)
            if (position := event_position(block.position, index)) not in skip
        ]
        first = _keep_first(placed)
        try:
            later = self._store(first, blocks[-1].position)
        except (ValueError, OverflowError) as error:
            raise StoreRejected(f"An event fits no row: {error}") from error
        fresh = [event for position, event in first if position not in later]
        return Written(fresh, len(placed) - len(fresh))

    def _store(self, first: _Placed, position: int) -> set[int]:
        """Positions of the events that were stored before under another one."""
        latest = max((event.at for _, event in first), default=None)
        # The best that a transaction without a clock can say about when it was: not before its newest event came.
        received = max((event.received_at for _, event in first), default=0)
        with translate_errors(), self._pool.connection() as connection, connection.transaction():
            connection.execute(_QUERIES["clear_staging"])
            _create_partitions(connection, _days(first))
            _stage(connection, first)
            inserted = connection.execute(_QUERIES["insert_events"]).rowcount
            _advance(connection, NAME, position, latest, received)
            return set() if inserted == len(first) else _find_later(connection)

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


def _keep_first(placed: _Placed) -> _Placed:
    """Of events that are the same, the one with the lowest position."""
    seen: dict[tuple[bytes, int], tuple[int, Event]] = {}
    for one in placed:
        seen.setdefault(identity(one[1]), one)
    return list(seen.values())


def _days(placed: _Placed) -> list[date]:
    return [utc_date(day * DAY) for day in sorted({event.at // DAY for _, event in placed})]


def _stage(connection: psycopg.Connection, placed: _Placed) -> None:
    with connection.cursor() as cursor, cursor.copy(_QUERIES["copy_events"]) as copy:
        copy.set_types(TYPES)
        for position, event in placed:
            copy.write_row(to_row(position, event))


def _create_partitions(connection: psycopg.Connection, days: list[date]) -> int:
    found = connection.execute(_QUERIES["create_partitions"], {"days": days}).fetchone()
    return int(found[0]) if found else 0


def _find_later(connection: psycopg.Connection) -> set[int]:
    # Never prepared: a plan made while the partitions were small would scan them for good.
    found = connection.execute(_QUERIES["find_duplicates"], prepare=False)
    return {position for (position,) in found}


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
