"""The event log in memory, for tests and for programs of one process.

It behaves as a partitioned log of immutable blocks does: nothing is rewritten. A tombstone hides the events of an
erased student from every reader (docs/decisions/0022).
"""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.kit.clock import Clock, Micros, system_clock
from coursepulse.kit.errors import LogFull
from coursepulse.log.blocks import open_block, pack_block, unpack_body
from coursepulse.log.port import BLOCK_EVENTS, Block, Change
from coursepulse.log.positions import MOST_PARTITIONS, Position, event_position, partition_of, start
from coursepulse.log.records import without_all


class _StoredBlock(NamedTuple):
    """:param total: events ever appended to the partition, up to and including this block"""

    position: Position
    appended_at: Micros
    events: int
    total: int
    body: bytes


class _Partition:
    def __init__(self, number: int, offset: int) -> None:
        self.blocks: list[_StoredBlock] = []
        self.newest, self.total = Position(number, offset), 0
        self.finished: dict[str, tuple[Position, int]] = {}
        self.tombstones: dict[bytes, Position] = {}

    def add(self, now: Micros, events: int, body: bytes) -> Position:
        self.newest = Position(self.newest.partition, self.newest.offset + 1)
        self.total += events
        self.blocks.append(_StoredBlock(self.newest, now, events, self.total, body))
        return self.newest

    def lag(self, group: str) -> int:
        if group in self.finished:
            return self.total - self.finished[group][1]
        return sum(kept.events for kept in self.blocks)

    def open(self, kept: _StoredBlock) -> Block:
        """The block without the events of erased students."""
        hidden = {student for student, up_to in self.tombstones.items() if kept.position <= up_to}
        unpacked = unpack_body(kept.body) if hidden else b""
        named = [student for student in hidden if student in unpacked]
        return without_all(named, kept.position, unpacked) if named else open_block(kept.position, kept.body)


class MemoryStorage:
    """What the handles of one log share; it outlives each of them, as a disk would."""

    def __init__(self, partitions: int = 1, *, clock: Clock = system_clock) -> None:
        if not 0 < partitions <= MOST_PARTITIONS:
            raise ValueError(f"{partitions} partitions; a log has 1 to {MOST_PARTITIONS}.")
        # Milliseconds, as in SQLite: a log that replaces another never hands out a position that a store has seen.
        self.partitions = [_Partition(number, clock() // 1000) for number in range(partitions)]
        self.changed = threading.Condition()

    def put(self, body: bytes, events: int = 1, partition: int = 0) -> None:
        """Add bytes as they are, as somebody does who has access to the disk."""
        with self.changed:
            self.partitions[partition].add(0, events, body)
            self.changed.notify_all()


class MemoryLog:
    """An :class:`coursepulse.log.port.EventLog` that ends with its process.

    :param storage: shared with other handles
    """

    def __init__(self, storage: MemoryStorage | None = None, *, clock: Clock = system_clock) -> None:
        self._storage = storage or MemoryStorage()
        self._clock, self._closed = clock, False

    @property
    def partitions(self) -> int:
        return len(self._storage.partitions)

    def append(self, events: list[Event]) -> Future[Sequence[int]]:
        if not 0 < len(events) <= BLOCK_EVENTS:
            raise ValueError(f"{len(events)} events; append 1 to {BLOCK_EVENTS} at a time.")
        if self._closed:
            raise LogFull("The event log is closed.")
        bodies = {number: (some, pack_block(some)) for number, some in self._divide(events).items()}
        numbers: dict[int, Iterator[int]] = {}
        with self._storage.changed:
            for number, (some, body) in bodies.items():
                position = self._storage.partitions[number].add(self._clock(), len(some), body)
                numbers[number] = itertools.count(event_position(position, 0))
            self._storage.changed.notify_all()
        done: Future[Sequence[int]] = Future()
        done.set_result([next(numbers[self._choose(event)]) for event in events])
        return done

    def read(self, after: Position, limit: int) -> list[Block]:
        found: list[Block] = []
        taken = 0
        with self._storage.changed:
            partition = self._storage.partitions[after.partition]
            for kept in partition.blocks:
                if after < kept.position:
                    if found and taken + kept.events > limit:
                        break
                    taken += kept.events
                    found.append(partition.open(kept))
        return found

    def wait(self, after: Position, timeout: float) -> bool:
        partition = self._storage.partitions[after.partition]
        with self._storage.changed:
            return self._storage.changed.wait_for(
                lambda: partition.total > 0 and after < partition.newest, timeout
            )

    def commit(self, group: str, position: Position) -> None:
        with self._storage.changed:
            partition = self._storage.partitions[position.partition]
            if partition.finished.get(group, (start(position.partition), 0))[0] < position:
                behind = sum(kept.events for kept in partition.blocks if position < kept.position)
                partition.finished[group] = position, partition.total - behind

    def committed(self, group: str, partition: int = 0) -> Position:
        return self._storage.partitions[partition].finished.get(group, (start(partition), 0))[0]

    def lag(self, group: str) -> int:
        with self._storage.changed:
            return sum(partition.lag(group) for partition in self._storage.partitions)

    def prune(self, before: Micros, group: str) -> int:
        with self._storage.changed:
            return sum(_drop(each, before, group) for each in self._storage.partitions)

    def erase(self, student: bytes, up_to: Collection[Position], change: Change) -> int:  # noqa: ARG002
        with self._storage.changed:
            return sum(
                _leave_tombstone(self._storage.partitions[each.partition], student, each) for each in up_to
            )

    @property
    def erasure(self) -> str:
        return "unreadable from now on"

    def newest(self) -> tuple[Position, ...]:
        with self._storage.changed:
            return tuple(each.newest for each in self._storage.partitions if each.total)

    def close(self) -> None:
        self._closed = True

    def _divide(self, events: list[Event]) -> dict[int, list[Event]]:
        divided: dict[int, list[Event]] = defaultdict(list)
        for event in events:
            divided[self._choose(event)].append(event)
        return divided

    def _choose(self, event: Event) -> int:
        return partition_of(event.student_id, self.partitions)


def _drop(partition: _Partition, before: Micros, group: str) -> int:
    finished = partition.finished.get(group)
    if finished is None:
        return 0
    gone = list(
        itertools.takewhile(
            lambda kept: kept.position <= finished[0] and kept.appended_at < before, partition.blocks
        )
    )
    del partition.blocks[: len(gone)]
    return sum(kept.events for kept in gone)


def _leave_tombstone(partition: _Partition, student: bytes, up_to: Position) -> int:
    """Leave a tombstone; returns how many readable events it hides."""
    blocks = [partition.open(kept) for kept in partition.blocks if kept.position <= up_to]
    before = partition.tombstones.get(student, up_to)
    partition.tombstones[student] = max(before, up_to)
    return sum(event.student_id == student for block in blocks for event in block.events)
