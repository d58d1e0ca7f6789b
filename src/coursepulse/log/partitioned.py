"""A log of several partitions, each of them a log of its own: so that several workers share one without a broker."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from itertools import repeat

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.log.port import BLOCK_EVENTS, Block, Change, EventLog
from coursepulse.log.positions import Position, block_position, event_position, partition_of

#: Bits of the number of an event that say where it is in its block.
_INDEX = (1 << 14) - 1


class PartitionedLog:
    """An :class:`coursepulse.log.port.EventLog` over logs of one partition.

    An append becomes durable partition by partition. If one is full, the events that belong there are not kept; the
    sender sends all of them again, and each counts once.

    :param parts: in the order of the partitions; always as many, as their number decides where a student is
    """

    def __init__(self, parts: Sequence[EventLog]) -> None:
        self._parts = tuple(parts)

    @property
    def partitions(self) -> int:
        return len(self._parts)

    def append(self, events: list[Event]) -> Future[Sequence[int]]:
        if not 0 < len(events) <= BLOCK_EVENTS:
            raise ValueError(f"{len(events)} events; append 1 to {BLOCK_EVENTS} at a time.")
        divided: dict[int, list[Event]] = defaultdict(list)
        places = [partition_of(event.student_id, self.partitions) for event in events]
        for place, event in zip(places, events, strict=True):
            divided[place].append(event)
        written = {place: self._parts[place].append(some) for place, some in divided.items()}
        return _Together(places, written).done

    def read(self, after: Position, limit: int) -> list[Block]:
        blocks = self._parts[after.partition].read(Position(0, after.offset), limit)
        return [block._replace(position=Position(after.partition, block.position.offset)) for block in blocks]

    def wait(self, after: Position, timeout: float) -> bool:
        return self._parts[after.partition].wait(Position(0, after.offset), timeout)

    def commit(self, group: str, position: Position) -> None:
        self._parts[position.partition].commit(group, Position(0, position.offset))

    def committed(self, group: str, partition: int = 0) -> Position:
        return Position(partition, self._parts[partition].committed(group).offset)

    def lag(self, group: str) -> int:
        return sum(part.lag(group) for part in self._parts)

    def prune(self, before: Micros, group: str) -> int:
        return sum(part.prune(before, group) for part in self._parts)

    def erase(self, student: bytes, up_to: Collection[Position], change: Change) -> int:
        return sum(
            self._parts[each.partition].erase(student, [Position(0, each.offset)], change) for each in up_to
        )

    @property
    def erasure(self) -> str:
        return self._parts[0].erasure

    def newest(self) -> tuple[Position, ...]:
        return tuple(
            Position(number, position.offset)
            for number, part in enumerate(self._parts)
            for position in part.newest()
        )

    def close(self) -> None:
        for part in self._parts:
            part.close()


class _Together:
    """Done when every partition has its share: the numbers of the events, in their order."""

    def __init__(self, places: list[int], written: dict[int, Future[Sequence[int]]]) -> None:
        self.done: Future[Sequence[int]] = Future()
        # From here on it cannot be taken back: some partitions may have it.
        self.done.set_running_or_notify_cancel()
        self._places, self._written = places, written
        self._open, self._lock = len(written), threading.Lock()
        for future in written.values():
            future.add_done_callback(self._note)

    def _note(self, _: Future[Sequence[int]]) -> None:
        with self._lock:
            self._open -= 1
            if self._open:
                return
        try:
            self.done.set_result(self._number())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits
            self.done.set_exception(error)

    def _number(self) -> list[int]:
        numbers: dict[int, Iterator[int]] = {
            place: map(_renumber, repeat(place), future.result()) for place, future in self._written.items()
        }
        return [next(numbers[place]) for place in self._places]


def _renumber(partition: int, number: int) -> int:
    return event_position(Position(partition, block_position(number).offset), number & _INDEX)
