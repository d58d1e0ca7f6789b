"""What the rest of coursepulse may ask of the event log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import NamedTuple, Protocol

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.kit.ids import NIL

#: No block holds more events than this.
BLOCK_EVENTS = 10_000

_INDEX_BITS = 14


#: Stands in a block where something is that is no event.
NO_EVENT = Event(NIL, "", 0, NIL, NIL)


class Block(NamedTuple):
    """Events that were made durable together.

    :param position: greater than 0 and greater than that of every block appended before
    :param broken: what could not be read, by its place among the events, where :data:`NO_EVENT` stands
    """

    position: int
    events: list[Event]
    broken: Mapping[int, bytes] = {}


def event_position(block: int, index: int) -> int:
    """The position of one event: 63 bits that order events as the log does."""
    return block << _INDEX_BITS | index


def block_position(event: int) -> int:
    """The position of the block that carries the event at position ``event``."""
    return event >> _INDEX_BITS


class EventLog(Protocol):
    """A durable queue of events that several groups read at their own pace.

    Positions are never used twice, not even after the log was pruned, lost or moved aside.
    """

    def append(self, events: list[Event]) -> Future[int]:
        """Take 1 to 10,000 events; the result is the event position of the first, and the others follow it.

        The future is done when the events are on disk, and not before.

        :raises LogFull: from the future or at once; then none of the events is kept
        :raises ValueError: for no events, or too many
        """

    def read(self, after: int, limit: int) -> list[Block]:
        """Blocks beyond ``after`` in order: about ``limit`` events at the most, but one block at least.

        Whatever stands in the log, somebody else's bytes included, it can be read past.
        """

    def wait(self, after: int, timeout: float) -> bool:
        """Whether there is a block beyond ``after``, at the latest after ``timeout`` seconds.

        Appends of this process are noticed at once, those of others within 50 ms.
        """

    def commit(self, group: str, position: int) -> None:
        """Remember that ``group`` has finished every block up to ``position``. Never goes back."""

    def committed(self, group: str) -> int:
        """The position that ``group`` committed last, 0 at first."""

    def lag(self, group: str) -> int:
        """How many events ``group`` has not finished."""

    def prune(self, before: Micros, group: str) -> int:
        """Drop blocks appended before ``before`` that ``group`` has finished; returns the events dropped."""

    def rewrite(self, student: bytes, up_to: int, change: Callable[[Event], Event | None]) -> int:
        """Put ``change(event)`` (None: nothing) in the place of each event of a student; returns how many there were.

        Only in blocks up to the position ``up_to``, which every group must have finished: what is taken away moves
        the events behind it. Nothing of what was replaced is left on disk.
        """

    def newest(self) -> int:
        """The position of the newest block, 0 before the first."""

    def close(self) -> None:
        """Write what was appended, then let go of the log."""
