"""The event log as one SQLite file: a row is a zstd block of events.

Several processes may append and read at once. WAL lets readers and the writer pass each other; writers take
turns by ``BEGIN IMMEDIATE`` transactions of a few milliseconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

from coursepulse.events.event import Event
from coursepulse.kit.clock import Clock, Micros, system_clock
from coursepulse.kit.errors import CoursepulseError, LogFull
from coursepulse.kit.group_commit import GroupCommit, Limits, Troubles
from coursepulse.kit.sql import Queries
from coursepulse.log.blocks import open_block, pack_block, unpack_body
from coursepulse.log.database import Database
from coursepulse.log.port import BLOCK_EVENTS, Block, Change
from coursepulse.log.positions import Position, event_position, start
from coursepulse.log.records import without

_SQL = Queries("coursepulse.log.queries")

#: Seconds within which an append of another process is noticed.
_POLL = 0.05

#: Seconds after a change of the file for which it is looked into all the same: what is written may not be readable yet.
_SETTLES = 1.0

#: How many events are written together, enough to fill blocks but few enough to be answered soon; and may wait.
_LIMITS = Limits(group=40_000, waiting=400_000)

#: Blocks dropped in one transaction: the lock is held for milliseconds, so appends get through in between.
_DROP_SOME = 200

#: Blocks searched at a time for the events of one student.
_ERASE_SOME = 20


def _explain(error: Exception) -> CoursepulseError:
    if isinstance(error, CoursepulseError):
        return error
    return LogFull(f"The event log cannot write: {error!r}.")


_TROUBLES = Troubles(
    closed=lambda: LogFull("The event log is closed."),
    full=lambda: LogFull("The disk of the event log does not keep up."),
    failed=_explain,
)


class SqliteLog:
    """An :class:`coursepulse.log.port.EventLog` in the file ``path``.

    :param clock: dates blocks, and gives a new log its first position
    :param max_pages: see :class:`coursepulse.log.database.Database`
    """

    def __init__(self, path: Path, *, clock: Clock = system_clock, max_pages: int = 0) -> None:
        self._clock, self._wal = clock, path.with_name(path.name + "-wal")
        self._writer = Database(path, max_pages=max_pages)
        # Three connections, so that a long read or a wait for the lock does not hold up the others.
        self._reader, self._worker = Database(path), Database(path, max_pages=max_pages)
        self._writer.prepare(_SQL["schema"])
        with self._writer.writing() as db:
            # Milliseconds: a log that replaces a lost one never hands out a position that a store has seen.
            db.execute(_SQL["begin_at"], {"position": clock() // 1000})
        self._appended = threading.Condition()
        self._group_commit: GroupCommit[list[Event], Sequence[int]] = GroupCommit(
            self._write, "log-writer", _LIMITS, _TROUBLES, weigh=len
        )

    @property
    def partitions(self) -> int:
        return 1

    def append(self, events: list[Event]) -> Future[Sequence[int]]:
        if not 0 < len(events) <= BLOCK_EVENTS:
            raise ValueError(f"{len(events)} events; append 1 to {BLOCK_EVENTS} at a time.")
        return self._group_commit.submit(events)

    def read(self, after: Position, limit: int) -> list[Block]:
        with self._reader.reading() as db:
            rows = list(_take_about(limit, db.execute(_SQL["read_after"], {"after": after.offset})))
        return [open_block(_at(offset), body) for offset, body in rows]

    def wait(self, after: Position, timeout: float) -> bool:
        deadline, seen = time.monotonic() + timeout, 0
        with self._appended:
            while True:
                # To look whether the file has changed costs a tenth of looking into it.
                changed = self._changed_at()
                if changed != seen and self._newest() > after.offset:
                    return True
                seen = changed if time.time() - changed / 1e9 > _SETTLES else 0
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._appended.wait(min(remaining, _POLL))

    def commit(self, group: str, position: Position) -> None:
        with self._worker.writing() as db:
            db.execute(_SQL["finish"], {"consumer": group, "position": position.offset})

    def committed(self, group: str, partition: int = 0) -> Position:
        with self._reader.reading() as db:
            row = db.execute(_SQL["find_finished"], {"consumer": group}).fetchone()
        return Position(partition, int(row[0])) if row else start(partition)

    def lag(self, group: str) -> int:
        with self._reader.reading() as db:
            return int(db.execute(_SQL["count_unfinished"], {"consumer": group}).fetchone()[0])

    def prune(self, before: Micros, group: str) -> int:
        dropped = 0
        while some := self._drop_some(before, group):
            dropped += some
        return dropped

    def erase(self, student: bytes, up_to: Collection[Position], change: Change) -> int:
        erased, after, last = 0, 0, max((position.offset for position in up_to), default=0)
        while found := self._find_blocks(student, after, last):
            after = found[-1][0]
            with self._worker.writing() as db:
                for offset, unpacked in found:
                    if student in unpacked:
                        kept, events = without(student, unpacked, change)
                        erased += events
                        db.execute(_SQL["replace_body"], (pack_block(kept), offset))
        self._worker.empty_wal()
        return erased

    @property
    def erasure(self) -> str:
        return "blocks with events of the student were written anew"

    def newest(self) -> tuple[Position, ...]:
        offset = self._newest()
        return (_at(offset),) if offset else ()

    def wipe(self) -> None:
        """Leave nothing on disk of what was dropped."""
        self._worker.empty_wal()

    def close(self) -> None:
        self._group_commit.close()
        for database in (self._writer, self._reader, self._worker):
            database.close()

    def _changed_at(self) -> int:
        """When something was last appended, in nanoseconds: that goes into the write-ahead log first."""
        try:
            return self._wal.stat().st_mtime_ns
        except OSError:
            return -1

    def _find_blocks(self, student: bytes, after: int, up_to: int) -> list[tuple[int, bytes]]:
        """The next blocks of which some name the student, unpacked from zstd; the last one stands for all before it."""
        with self._reader.reading() as db:
            rows = db.execute(
                _SQL["read_some"], {"after": after, "up_to": up_to, "some": _ERASE_SOME}
            ).fetchall()
        unpacked = ((offset, unpack_body(body)) for offset, body in rows)
        last = rows[-1][0] if rows else 0
        return [
            (offset, body if student in body else b"")
            for offset, body in unpacked
            if student in body or offset == last
        ]

    def _newest(self) -> int:
        """The newest offset, 0 while there has been no event at all."""
        with self._reader.reading() as db:
            position, total = db.execute(_SQL["find_newest"]).fetchone()
        return int(position) if total else 0

    def _drop_some(self, before: Micros, group: str) -> int:
        with self._worker.writing() as db:
            which = {"before": before, "consumer": group, "some": _DROP_SOME}
            rows = db.execute(_SQL["find_prunable"], which).fetchall()
            db.executemany(_SQL["drop_block"], [(position,) for position, _ in rows])
        return sum(events for _, events in rows)

    def _write(self, appends: list[list[Event]]) -> list[range]:
        blocks = merge(appends)
        rows = [self._row([event for events in block for event in events]) for block in blocks]
        # Each statement hands the interpreter lock over twice, which takes up to 5 ms while the server is
        # busy: the one block of most groups goes without BEGIN and COMMIT.
        with self._writer.writing() if len(rows) > 1 else self._writer.writing_once() as db:
            first, *_ = [db.execute(_SQL["add_block"], row).fetchall()[0][0] for row in rows]
        with self._appended:
            self._appended.notify_all()
        return list(_numbers(first, blocks))

    def _row(self, events: list[Event]) -> dict[str, object]:
        return {"now": self._clock(), "events": len(events), "body": pack_block(events)}


def merge(appends: list[list[Event]]) -> list[list[list[Event]]]:
    """Neighbouring appends merged into blocks; no append is split."""
    blocks: list[list[list[Event]]] = []
    room = 0
    for events in appends:
        if len(events) > room:
            blocks.append([])
            room = BLOCK_EVENTS
        blocks[-1].append(events)
        room -= len(events)
    return blocks


def _numbers(first: int, blocks: list[list[list[Event]]]) -> Iterator[range]:
    for offset, block in enumerate(blocks, first):
        number = event_position(_at(offset), 0)
        for events in block:
            yield range(number, number + len(events))
            number += len(events)


def _at(offset: int) -> Position:
    """The log is one partition."""
    return Position(0, offset)


def _take_about(limit: int, rows: Iterator[tuple[int, int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The first row, and further rows while they stay within ``limit`` events."""
    taken = 0
    for position, events, body in rows:
        if taken and taken + events > limit:
            return
        taken += max(1, events)
        yield position, body
