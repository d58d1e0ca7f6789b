"""What the pipeline needs from the rooms beside it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple, Protocol, TypeVar

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.log.port import Block
from coursepulse.log.positions import Position

#: Events that the aggregates have taken in, in their own form.
Taken = TypeVar("Taken")


class WriteResult(Protocol):
    """What came of writing blocks to the raw store."""

    @property
    def fresh(self) -> list[Event]:
        """The events that these blocks carried first, also when the blocks are read again."""

    @property
    def duplicates(self) -> int:
        """How many events had been carried by an earlier position."""


class EventStore(Protocol):
    """The arbiter of duplicates. Raises StoreUnavailable or StoreRejected; LeaseLost when another one writes."""

    def write(self, blocks: list[Block], skip: Collection[int] = ()) -> WriteResult:
        """Store the events of ``blocks`` but those at the positions in ``skip``, in one transaction."""

    def confirm(self) -> None:
        """What was written is still there; LeaseLost if it is not."""

    def served(self, partition: int) -> Position:
        """Up to where numbers are made of a partition, its start at first."""

    def next_version(self, ends: Collection[Position] = ()) -> int:
        """A version for the rows that are made of a batch: larger than all before."""

    def publish(
        self,
        ends: Collection[Position],
        latest_event_at: Micros | None,
        applied_at: Micros,
        learners: Collection[tuple[str, bytes]] = (),
        days: Collection[date] = (),
    ) -> int:
        """Remember that numbers are made up to these positions; returns the mark of the whole."""

    def take_back(self, events: list[Event]) -> None:
        """Remove events that turned out to be uncountable."""

    def withdrawn(self) -> set[bytes]:
        """The ids of events that their senders took back, of all that the log may still carry."""


class Renewed(NamedTuple):
    """Whose rows and which UTC days were brought up to date.

    :param learners: course_id and pseudonym
    """

    learners: set[tuple[str, bytes]]
    days: set[date]


class Aggregator(Protocol[Taken]):
    """Everything that is computed from events. Raises StoreUnavailable or StoreRejected; repeating changes nothing."""

    def insert(self, events: list[Event]) -> Taken:
        """Take in fresh events. Runs in another thread than :meth:`renew`, possibly at the same time."""

    def renew(self, taken: Taken, version: int) -> Renewed:
        """Replace every row that these events touch."""

    def refresh(self, events: list[Event], version: int) -> Renewed:
        """Take events in and replace every row they touch, in the thread that renews."""

    def forget(self) -> None:
        """Look everything up again: others have changed it. Not while a batch is renewed."""

    def take_back(self, events: list[Event], *, renewing: bool) -> None:
        """Remove events as if they had never been taken in. Missing ones are not an error.

        :param renewing: whether the thread that renews asks, or else the one that inserts
        """


class Refuse(Protocol):
    """Where an event goes that no store accepts."""

    def __call__(self, event: Event | bytes, position: int, why: str) -> None:
        """Keep ``event``, or the bytes that stand where one should be, for a person to look at."""
