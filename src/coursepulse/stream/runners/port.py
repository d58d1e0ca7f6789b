"""What the pipeline asks of a runner."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.log.positions import Position


class Runner(Protocol):
    """Feeds processors, and hands what changes among their outputs to sinks.

    For the same events the outputs are the same: in any batches, in any order within the allowed lateness, with
    duplicates, and when a restart makes them come again from an earlier position.
    """

    def restore(self, partition: int) -> Position:
        """Take up the state that was saved last; returns the position from which events are to come again.

        :raises StoreUnavailable: call it again
        """

    def process(self, events: Collection[Event]) -> None:
        """Take in events. The time is that of the newest arrival, not of a clock: a backlog is not silence.

        :raises StoreUnavailable: from a sink; its changes are told at the next call
        """

    def tick(self, now: Micros) -> None:
        """Nothing more is waiting, and it is ``now``.

        :raises StoreUnavailable: from a sink; its changes are told at the next call
        """

    def reconcile(self) -> None:
        """Everything that was in the log at the start has been processed: sinks learn what is true.

        :raises StoreUnavailable: from a sink; call it again
        """

    def save(self, position: Position, *, last: bool = False) -> None:
        """Every event up to ``position`` has been processed, none after it: a good moment to save the state.

        :param last: the runner ends here
        """

    def forget(self, student: bytes) -> int:
        """Drop everything about a student, and withdraw what could still change; returns the number of keys concerned.

        What was final before belongs to the sinks' stores, which erase their own.
        """

    def renew(self, student: bytes, events: Sequence[Event]) -> None:
        """Make the states of a student anew, as if no other events had ever come.

        What was said because of others, and is still in a state, is withdrawn.

        :param events: in the order in which they arrived
        :raises StoreUnavailable: from a sink; its changes are told at the next call
        """
