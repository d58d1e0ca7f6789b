"""The event log as one SQLite file: a row is a zstd block of events.

Several processes may append and read at once. WAL lets readers and the writer pass each other; writers take
turns by ``BEGIN IMMEDIATE`` transactions of a few milliseconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import msgspec
import zstandard

from coursepulse.events.event import Event, pack, unpack, unpack_each
from coursepulse.kit.clock import Clock, Micros, system_clock
from coursepulse.kit.errors import CoursepulseError, LogFull
from coursepulse.kit.group_commit import GroupCommit, Limits, Troubles
from coursepulse.kit.sql import Queries
from coursepulse.log.database import Database
from coursepulse.log.port import BLOCK_EVENTS, NO_EVENT, Block, event_position

_SQL = Queries("coursepulse.log.queries")

#: Seconds after which an append of another process is noticed at the latest.
_POLL = 0.05

#: zstd level: 1 packs events to a fifth at 300 MB/s; 3 saves a tenth more and halves the speed.
_LEVEL = 1

#: Events that are written together, enough to fill blocks and little enough to be answered soon; and that may wait.
_LIMITS = Limits(group=40_000, waiting=400_000)

#: Bytes of a block when unpacked: far more than any that was appended.
_MOST_BYTES = 1 << 30

#: Blocks dropped in one transaction: the lock is held for milliseconds, so that appends pass in between.
_DROP_SOME = 200

#: Blocks looked through at a time for the events of one student.
_REWRITE_SOME = 20


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
        self._clock = clock
        self._writer = Database(path, max_pages=max_pages)
        # Three connections, so that neither a long read nor a wait for the lock holds up the others.
        self._reader, self._worker = Database(path), Database(path, max_pages=max_pages)
        self._writer.prepare(_SQL["schema"])
        with self._writer.writing() as db:
            # Milliseconds: a log that replaces a lost one never hands out a position that a store has seen.
            db.execute(_SQL["begin_at"], {"position": clock() // 1000})
        self._appended = threading.Condition()
        self._group_commit = GroupCommit(self._write, "log-writer", _LIMITS, _TROUBLES, weigh=len)

    def append(self, events: list[Event]) -> Future[int]:
        if not 0 < len(events) <= BLOCK_EVENTS:
            raise ValueError(f"{len(events)} events; append 1 to {BLOCK_EVENTS} at a time.")
        return self._group_commit.submit(events)

    def read(self, after: int, limit: int) -> list[Block]:
        with self._reader.reading() as db:
            rows = list(_take_about(limit, db.execute(_SQL["read_after"], {"after": after})))
        return [_open(position, body) for position, body in rows]

    def wait(self, after: int, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        with self._appended:
            while self._newest() <= after:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._appended.wait(min(remaining, _POLL))
        return True

    def commit(self, group: str, position: int) -> None:
        with self._worker.writing() as db:
            db.execute(_SQL["finish"], {"consumer": group, "position": position})

    def committed(self, group: str) -> int:
        with self._reader.reading() as db:
            row = db.execute(_SQL["find_finished"], {"consumer": group}).fetchone()
        return int(row[0]) if row else 0

    def lag(self, group: str) -> int:
        with self._reader.reading() as db:
            return int(db.execute(_SQL["count_unfinished"], {"consumer": group}).fetchone()[0])

    def prune(self, before: Micros, group: str) -> int:
        dropped = 0
        while some := self._drop_some(before, group):
            dropped += some
        return dropped

    def rewrite(self, student: bytes, up_to: int, change: Callable[[Event], Event | None]) -> int:
        rewritten, after = 0, 0
        while found := self._find_blocks(student, after, up_to):
            after = found[-1][0]
            with self._worker.writing() as db:
                for position, body in found:
                    if student in body:
                        # What cannot be read and names the student goes with what it stands in.
                        events = _read_what_is_readable(body)
                        rewritten += sum(event.student_id == student for event in events)
                        db.execute(_SQL["replace_body"], (_pack(_changed(events, student, change)), position))
        self._worker.empty_wal()
        return rewritten

    def newest(self) -> int:
        return self._newest()

    def close(self) -> None:
        self._group_commit.close()
        for database in (self._writer, self._reader, self._worker):
            database.close()

    def _find_blocks(self, student: bytes, after: int, up_to: int) -> list[tuple[int, bytes]]:
        """The next blocks of which some name the student, unpacked from zstd; the last one stands for all before it."""
        with self._reader.reading() as db:
            rows = db.execute(
                _SQL["read_some"], {"after": after, "up_to": up_to, "some": _REWRITE_SOME}
            ).fetchall()
        unpacked = ((position, _decompress_or_not(body)) for position, body in rows)
        last = rows[-1][0] if rows else 0
        return [
            (position, body if student in body else b"")
            for position, body in unpacked
            if student in body or position == last
        ]

    def _newest(self) -> int:
        """The newest position, 0 while there has been no event at all."""
        with self._reader.reading() as db:
            position, total = db.execute(_SQL["find_newest"]).fetchone()
        return int(position) if total else 0

    def _drop_some(self, before: Micros, group: str) -> int:
        with self._worker.writing() as db:
            which = {"before": before, "consumer": group, "some": _DROP_SOME}
            rows = db.execute(_SQL["find_prunable"], which).fetchall()
            db.executemany(_SQL["drop_block"], [(position,) for position, _ in rows])
        return sum(events for _, events in rows)

    def _write(self, appends: list[list[Event]]) -> list[int]:
        blocks = merge(appends)
        rows = [self._row([event for events in block for event in events]) for block in blocks]
        # Each statement hands the interpreter lock over twice, which takes up to 5 ms while the server is
        # busy: the one block of most groups goes without BEGIN and COMMIT.
        with self._writer.writing() if len(rows) > 1 else self._writer.writing_once() as db:
            first, *_ = [db.execute(_SQL["add_block"], row).fetchall()[0][0] for row in rows]
        with self._appended:
            self._appended.notify_all()
        return list(_positions(first, blocks))

    def _row(self, events: list[Event]) -> dict[str, object]:
        return {"now": self._clock(), "events": len(events), "body": _pack(events)}


def _pack(events: list[Event]) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(pack(events))


def _changed(events: list[Event], student: bytes, change: Callable[[Event], Event | None]) -> list[Event]:
    changed = (change(event) if event.student_id == student else event for event in events)
    return [event for event in changed if event is not None]


def _decompress(body: bytes) -> bytes:
    if zstandard.frame_content_size(body) > _MOST_BYTES:
        raise ValueError("too large")
    return zstandard.decompress(body)


#: How reading what is no block of ours can end.
_NO_BLOCK = (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError)


def _open(position: int, body: bytes) -> Block:
    try:
        events = unpack(_decompress(body))
    except _NO_BLOCK:
        return _open_broken(position, body)
    return Block(position, events) if len(events) <= BLOCK_EVENTS else _open_broken(position, body)


def _open_broken(position: int, body: bytes) -> Block:
    """A block with something in it that is no event: that alone is set apart."""
    try:
        found = unpack_each(_decompress(body))
    except _NO_BLOCK:
        found = [body]
    if len(found) > BLOCK_EVENTS:
        found = [body]
    events = [one if isinstance(one, Event) else NO_EVENT for one in found]
    return Block(position, events, {place: one for place, one in enumerate(found) if isinstance(one, bytes)})


def _decompress_or_not(body: bytes) -> bytes:
    """What a block says, or its bytes as they are when it is no block."""
    try:
        return _decompress(body)
    except _NO_BLOCK:
        return body


def _read_what_is_readable(body: bytes) -> list[Event]:
    try:
        return [one for one in unpack_each(body) if isinstance(one, Event)]
    except _NO_BLOCK:
        return []


def merge(appends: list[list[Event]]) -> list[list[list[Event]]]:
    """Neighbouring appends put together into blocks; none is torn apart."""
    blocks: list[list[list[Event]]] = []
    room = 0
    for events in appends:
        if len(events) > room:
            blocks.append([])
            room = BLOCK_EVENTS
        blocks[-1].append(events)
        room -= len(events)
    return blocks


def _positions(first: int, blocks: list[list[list[Event]]]) -> Iterator[int]:
    for position, block in enumerate(blocks, first):
        index = 0
        for events in block:
            yield event_position(position, index)
            index += len(events)


def _take_about(limit: int, rows: Iterator[tuple[int, int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The first row, and more for as long as they stay within ``limit`` events."""
    taken = 0
    for position, events, body in rows:
        if taken and taken + events > limit:
            return
        taken += max(1, events)
        yield position, body
