"""The raw store: every accepted event once. It decides which events are new, and everything downstream relies on it.

New events are copied directly into the partition of their day, in which an id is unique. Looking up each id first
would cost as much as storing it, so only recently stored ids are looked up. If another one is already there, the
database says so, and all are looked up until that stops (docs/decisions/0014).

An id also counts once across neighbouring days, which the key of a partition cannot enforce. Filters in memory say
which ids those days may hold, and these are looked up (docs/decisions/0020).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.errors import UniqueViolation
from psycopg.types.string import BytesBinaryDumper

from coursepulse.events.event import Event, identity
from coursepulse.kit.clock import DAY, Micros, from_micros, to_days, to_micros, utc_date
from coursepulse.kit.errors import LeaseLost, StoreRejected, StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.log.port import Block
from coursepulse.log.positions import Position, event_position, from_number, start, to_number
from coursepulse.store.postgres.changes import pack_learners
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.store.postgres.day_ids import DayIds
from coursepulse.store.postgres.recent import Recent
from coursepulse.store.postgres.rows import TYPES, to_row

#: The name of this consumer in ``pipeline_positions``.
NAME = "raw"

#: Days whose partitions are created in advance, so that no batch at midnight waits for a table.
_AHEAD = 7

_ONE_DAY = timedelta(days=1)

#: The most ids of a day that are read after a start: half a second's work.
_MOST_IDS = 1_000_000

_QUERIES = Queries("coursepulse.store.postgres.queries")

_Placed: TypeAlias = list[tuple[int, Event]]

_Days: TypeAlias = list[tuple[date, _Placed]]

#: The log position of each stored event.
_Stored: TypeAlias = dict[tuple[bytes, int], int]


class StoredBatch(NamedTuple):
    """The result of storing a batch.

    :param fresh: the events that were stored under their own log position, by this or an earlier call
    :param duplicates: the number of other events
    """

    fresh: list[Event]
    duplicates: int


class ConsumerProgress(NamedTuple):
    """The progress of a consumer of the log.

    :param latest_event_at: the time of the newest event it has processed
    """

    position: int
    latest_event_at: Micros | None
    applied_at: Micros


class PostgresRawStore:
    """Raw events in PostgreSQL. Every method raises StoreUnavailable when the database does not answer.

    :param recent: the cache of recently stored ids; a smaller one only costs time
    :param most_ids: days with more events than that, stored before this start, are queried for each id
    :param epochs: in which this writer has its partitions; writing raises LeaseLost once another one has taken them
    :param tells: other processes are told of what batches have changed
    """

    def __init__(
        self,
        pool: Pool,
        recent: Recent | None = None,
        most_ids: int = _MOST_IDS,
        *,
        epochs: Mapping[int, int] | None = None,
        tells: bool = False,
    ) -> None:
        self._pool = pool
        self._epochs, self._tells = epochs or {}, tells
        self._recent = recent or Recent()
        # Up to where this writer has stored each partition: a database that knows of less is not the one from before.
        self._written = dict[int, int]()
        self._day_ids, self._most_ids = DayIds(), most_ids
        # Days that hold too many ids to be read.
        self._large: set[int] = set()
        # What was stored before this start is known only to the database.
        self._look_all_up = True

    def prepare(self, now: Micros) -> int:
        """Create the partitions of today and the next days; returns how many were missing."""
        today = utc_date(now)
        days = [today + timedelta(days=ahead) for ahead in range(_AHEAD + 1)]
        with translate_errors(), self._pool.connection() as connection, connection.transaction():
            return _create_partitions(connection, days)[0]

    def write(self, blocks: list[Block], skip: Collection[int] = ()) -> StoredBatch:
        """Store the events of ``blocks`` in one transaction, except those at the log positions in ``skip``.

        Idempotent: writing the same blocks again gives the same result.

        :raises StoreRejected: when an event fits no row; nothing was stored
        """
        placed = _place(blocks, skip)
        try:
            fresh = self._store(_once_a_day(placed), _ends(blocks))
        except (ValueError, OverflowError) as error:
            raise StoreRejected(f"An event does not fit into a row: {error}") from error
        return StoredBatch([event for _, event in fresh], len(placed) - len(fresh))

    def _store(self, placed: _Placed, ends: Collection[Position]) -> _Placed:
        """Store these events and return the fresh ones."""
        with translate_errors():
            if not self._look_all_up:
                try:
                    known = self._recent.find(_ids(placed))
                    doubtful = [one for one in placed if one[1].event_id in known] if known else []
                    return self._add(placed, ends, doubtful)
                except UniqueViolation:
                    self._look_all_up = True
            try:
                return self._add(placed, ends, placed)
            except UniqueViolation as error:
                raise StoreUnavailable("PostgreSQL: another server stores the same events.") from error

    def _add(self, placed: _Placed, ends: Collection[Position], doubtful: _Placed) -> _Placed:
        """Store the events that are not stored yet; returns the fresh ones.

        :param doubtful: the events that are looked up on their own day
        :raises LeaseLost: when another worker has taken one of the partitions, or the database lacks what was
            written before; nothing was changed
        :raises UniqueViolation: when one of the others is already stored; nothing was changed
        """
        days = _by_day(placed)
        try:
            with self._pool.connection() as connection, connection.transaction():
                stored = self._find_stored(connection, days, doubtful)
                fresh = _select_fresh(placed, stored)
                new = [one for one in fresh if identity(one[1]) not in stored] if stored else fresh
                added = days if new is placed else _by_day(new)
                _copy(connection, added)
                self._reach(connection, ends)
                _advance(connection, NAME, max(map(to_number, ends)), *_latest(placed))
        except (psycopg.DataError, psycopg.IntegrityError, ValueError, OverflowError):
            raise
        except BaseException:
            # Whether this was stored is not known.
            self._day_ids.forget(to_days(day) for day, _ in days)
            raise
        if len(doubtful) == len(placed):
            ids = {one[1].event_id for one in placed if identity(one[1]) in stored}
            self._look_all_up = bool(ids - self._recent.find(ids))
        self._recent.add(_ids(placed))
        self._written |= {each.partition: to_number(each) for each in ends}
        for day, some in added:
            self._day_ids.add(to_days(day), [event.event_id for _, event in some])
        return fresh

    def _reach(self, connection: psycopg.Connection, ends: Collection[Position]) -> None:
        """Late in its transaction, so that who takes a partition waits for milliseconds at most."""
        if connection.execute(_QUERIES["reach"], self._positions(ends)).rowcount < len(ends):
            raise LeaseLost(
                "Another worker stores the events of a partition of the log, or PostgreSQL has lost some."
            )

    def _positions(self, ends: Collection[Position]) -> dict[str, object]:
        return {
            "partitions": [each.partition for each in ends],
            "epochs": [self._epochs.get(each.partition, 0) for each in ends],
            "positions": [to_number(each) for each in ends],
            "written": [self._written.get(each.partition, 0) for each in ends],
        }

    def _find_stored(self, connection: psycopg.Connection, days: _Days, doubtful: _Placed) -> _Stored:
        """Which doubtful events are stored on their own days, and which of all events on the neighbouring days."""
        wanted: dict[date, list[bytes]] = {}
        for day, some in _by_day(doubtful):
            wanted[day] = [event.event_id for _, event in some]
        for day, some in days:
            ids = [event.event_id for _, event in some]
            for beside in (day - _ONE_DAY, day + _ONE_DAY):
                wanted.setdefault(beside, []).extend(self._may_hold(connection, beside, ids))
            self._learn(connection, day)
        return _look_up(connection, wanted)

    def _may_hold(self, connection: psycopg.Connection, day: date, ids: list[bytes]) -> list[bytes]:
        self._learn(connection, day)
        return self._day_ids.find(to_days(day), ids)

    def _learn(self, connection: psycopg.Connection, day: date) -> None:
        """Load the ids of a day, unless there are too many."""
        number = to_days(day)
        if self._day_ids.knows(number) or number in self._large:
            return
        which = {"day": day, "most": self._most_ids + 1}
        found = connection.execute(_QUERIES["read_ids"], which, prepare=False, binary=True).fetchone()
        count, ids = found or (0, b"")
        if count > self._most_ids:
            self._large.add(number)
        else:
            self._day_ids.learn(number, ids or b"")

    def find_stored(self, events: Collection[Event]) -> set[bytes]:
        """The ids of those events that are stored on their own days."""
        with translate_errors(), self._pool.connection() as connection:
            days = _by_day([(0, event) for event in events])
            wanted = {day: [event.event_id for _, event in some] for day, some in days}
            return {event_id for event_id, _ in _look_up(connection, wanted)}

    def take_back(self, events: list[Event]) -> None:
        """Remove events that turned out to be uncountable: once corrected, they are new."""
        with translate_errors(), self._pool.connection() as connection, connection.transaction():
            for day, some in _by_day([(0, event) for event in events]):
                which = {"day": day, "events": [UUID(bytes=event.event_id) for _, event in some]}
                connection.execute(_QUERIES["take_back_events"], which, prepare=False)

    def withdrawn(self) -> set[bytes]:
        """The ids of events that their senders took back."""
        with translate_errors(), self._pool.connection() as connection:
            return {found.bytes for (found,) in connection.execute(_QUERIES["find_withdrawn"])}

    def progress(self, name: str) -> ConsumerProgress | None:
        """The progress of ``name``, or None before it has begun."""
        with translate_errors(), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["get_position"], {"name": name}).fetchone()
        if found is None:
            return None
        position, latest, applied = found
        return ConsumerProgress(position, None if latest is None else to_micros(latest), to_micros(applied))

    def confirm(self) -> None:
        """The database still has what was written.

        :raises LeaseLost: when it lacks some of it: a replica was promoted, or a backup restored
        """
        values = {"partitions": list(self._written), "written": list(self._written.values())}
        with translate_errors(), self._pool.connection() as connection:
            if connection.execute(_QUERIES["find_gone"], values).fetchone():
                raise LeaseLost("PostgreSQL has lost events of a partition of the log.")

    def served(self, partition: int) -> Position:
        """Up to where numbers are made of a partition; its start at first."""
        with translate_errors(), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["get_served"], {"partition": partition}).fetchone()
        return from_number(found[0]) if found and found[0] else start(partition)

    def publish(
        self,
        ends: Collection[Position],
        latest_event_at: Micros | None,
        applied_at: Micros,
        learners: Collection[tuple[str, bytes]] = (),
        days: Collection[date] = (),
    ) -> int:
        """Numbers are made up to these positions; returns the mark of the whole, larger with each call.

        :raises LeaseLost: when another worker has taken one of the partitions; nothing was changed
        """
        values = self._positions(ends) | {
            "latest_event_at": None if latest_event_at is None else from_micros(latest_event_at),
            "applied_at": from_micros(applied_at),
            "tells": self._tells,
            "learners": pack_learners(learners) if self._tells else b"",
            "days": sorted(days) if self._tells else [],
        }
        # As a whole or not at all: the leader would never hear of those whose partition is still this worker's.
        with translate_errors(), self._pool.connection() as connection, connection.transaction():
            found = connection.execute(_QUERIES["publish"], values).fetchone()
            if found is None:
                raise LeaseLost("Another worker makes the numbers of a partition of the log.")
        return int(found[0])

    def next_version(self, ends: Collection[Position] = ()) -> int:
        """A version for rows that are made from now on: larger than all before.

        :param ends: where the batch ends that they are made of
        :raises LeaseLost: when another worker has taken one of the partitions
        """
        with translate_errors(), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["next_version"], self._positions(ends)).fetchone()
        if found is None:
            raise LeaseLost("Another worker makes the numbers of a partition of the log.")
        return int(found[0])

    def position(self, name: str) -> int:
        """The number of the position up to which ``name`` has finished, 0 at first."""
        found = self.progress(name)
        return found.position if found else 0

    def advance(self, name: str, position: int, latest_event_at: Micros | None, applied_at: Micros) -> None:
        """Record that ``name`` has finished everything up to the position with this number. Never goes back."""
        with translate_errors(), self._pool.connection() as connection:
            _advance(connection, name, position, latest_event_at, applied_at)

    def expired_days(self, day: date) -> list[date]:
        """The UTC days before ``day`` for which nothing has been received since."""
        with translate_errors(), self._pool.connection() as connection:
            return [found for (found,) in connection.execute(_QUERIES["find_expired_days"], {"day": day})]

    def drop_days(self, days: list[date]) -> int:
        """Delete the events of whole UTC days; returns how many days had a partition."""
        with translate_errors(), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["drop_partitions"], {"days": days}).fetchone()
            return int(found[0]) if found else 0


def _ends(blocks: list[Block]) -> Collection[Position]:
    """Where each partition ends."""
    return {block.position.partition: block.position for block in blocks}.values()


def _place(blocks: list[Block], skip: Collection[int]) -> _Placed:
    placed = [
        one for block in blocks for one in enumerate(block.events, start=event_position(block.position, 0))
    ]
    return [one for one in placed if one[0] not in skip] if skip else placed


def _ids(placed: _Placed) -> set[bytes]:
    return {event.event_id for _, event in placed}


def _once_a_day(placed: _Placed) -> _Placed:
    """Of events with the same id and day, the one with the lowest position."""
    if len(_ids(placed)) == len(placed):
        return placed
    seen: dict[tuple[bytes, int], tuple[int, Event]] = {}
    for one in placed:
        seen.setdefault(identity(one[1]), one)
    return list(seen.values())


def _select_fresh(placed: _Placed, stored: _Stored) -> _Placed:
    """The events that were stored under their own position, or are not stored on their day or a neighbouring one.

    In the order of the log, so that a batch gives the same result as its events one by one.
    """
    if not stored and len(_ids(placed)) == len(placed):
        return placed
    held: dict[bytes, set[int]] = {}
    for event_id, day in stored:
        held.setdefault(event_id, set()).add(day)
    fresh = []
    for one in placed:
        event_id, day = identity(one[1])
        days = held.setdefault(event_id, set())
        if stored.get((event_id, day)) == one[0]:
            fresh.append(one)
        elif days.isdisjoint((day - 1, day, day + 1)):
            days.add(day)
            fresh.append(one)
    return fresh


def _latest(placed: _Placed) -> tuple[Micros | None, Micros]:
    """The time of the newest event, and the latest time of receipt, which is the best estimate of now in a transaction
    without a clock."""
    return (
        max((event.at for _, event in placed), default=None),
        max((event.received_at for _, event in placed), default=0),
    )


def _by_day(placed: _Placed) -> _Days:
    days: dict[int, _Placed] = {}
    for one in placed:
        days.setdefault(one[1].at // DAY, []).append(one)
    return [(utc_date(number * DAY), days[number]) for number in sorted(days)]


def _look_up(connection: psycopg.Connection, wanted: dict[date, list[bytes]]) -> _Stored:
    stored: _Stored = {}
    for day, ids in wanted.items():
        if not ids:
            continue
        which = {"day": day, "events": [UUID(bytes=event_id) for event_id in ids]}
        # Never prepared: a plan made while the partitions were small would keep scanning them.
        for found, position in connection.execute(_QUERIES["find_stored"], which, prepare=False, binary=True):
            stored[found.bytes, to_days(day)] = position
    return stored


def _copy(connection: psycopg.Connection, days: _Days) -> None:
    partitions = _create_partitions(connection, [day for day, _ in days])[1]
    for partition, (_, some) in zip(partitions, days, strict=True):
        query = sql.SQL(_QUERIES["copy_events"]).format(partition=sql.Identifier(partition))
        with connection.cursor() as cursor:
            # Instead of the dumper for ``Binary`` objects (PEP 249), which is in Python and checks each value.
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
