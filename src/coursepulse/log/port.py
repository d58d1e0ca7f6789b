"""What the rest of coursepulse may ask of the event log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from typing import NamedTuple, Protocol, TypeAlias

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.kit.ids import NIL
from coursepulse.log.positions import Position

#: No block holds more events than this.
BLOCK_EVENTS = 10_000

#: Stands in a block for something that is not an event.
NO_EVENT = Event(NIL, "", 0, NIL, NIL)

#: What may stay of an erased student's event, or None.
Change: TypeAlias = Callable[[Event], Event | None]


class Block(NamedTuple):
    """Events of one partition that became durable together.

    :param position: after that of every earlier block of the partition, and after its start
    :param broken: what could not be read, by its place among the events, where :data:`NO_EVENT` stands
    """

    position: Position
    events: list[Event]
    broken: Mapping[int, bytes] = {}


class EventSink(Protocol):
    """What a collector needs of a log."""

    def append(self, events: list[Event]) -> Future[Sequence[int]]:
        """See :meth:`EventLog.append`."""

    def lag(self, group: str) -> int:
        """See :meth:`EventLog.lag`."""

    def close(self) -> None:
        """See :meth:`EventLog.close`."""


class EventLog(Protocol):
    """A durable queue of events that several groups read, each at its own pace.

    A log has one partition or more. Within a partition blocks have an order, and all events of a student are in one
    partition (:func:`coursepulse.log.positions.partition_of`). Positions are never reused, not even after the log was
    pruned, lost or moved aside.
    """

    @property
    def partitions(self) -> int:
        """How many there are."""

    def append(self, events: list[Event]) -> Future[Sequence[int]]:
        """Take 1 to 10,000 events; the result is the number of each
        (:func:`coursepulse.log.positions.event_position`).

        The future is done once the events are on disk, never before.

        :raises LogFull: from the future or at once; then none of the events of one partition at least is kept
        :raises ValueError: for no events, or too many
        """

    def read(self, after: Position, limit: int) -> list[Block]:
        """Blocks after a position, in order, of the same partition: about ``limit`` events, but at least one block.

        Whatever the log contains, even foreign bytes, it can be read past.
        """

    def wait(self, after: Position, timeout: float) -> bool:
        """Whether the partition has a block after a position; waits for it up to ``timeout`` seconds.

        Appends of this process are noticed at once, those of others within 50 ms.
        """

    def commit(self, group: str, position: Position) -> None:
        """Remember that ``group`` has finished the partition up to ``position``. Never goes back."""

    def committed(self, group: str, partition: int = 0) -> Position:
        """The position that ``group`` committed last; the start of the partition at first."""

    def lag(self, group: str) -> int:
        """How many events ``group`` has not finished, in all partitions."""

    def prune(self, before: Micros, group: str) -> int:
        """Drop blocks appended before ``before`` that ``group`` has finished; returns the number of events dropped."""

    def erase(self, student: bytes, up_to: Collection[Position], change: Change) -> int:
        """Make a student's events up to these positions unreadable for good; returns how many there were.

        A log that can be rewritten keeps ``change(event)`` instead of each event; any other keeps nothing.
        Every group must have finished these positions: what is removed shifts the events behind it.
        """

    @property
    def erasure(self) -> str:
        """What became of the events of an erased student, for the receipt."""

    def newest(self) -> tuple[Position, ...]:
        """The position of the newest block of each partition that has ever had one."""

    def close(self) -> None:
        """Write what was appended, then release the log."""
