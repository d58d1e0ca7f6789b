"""What the pipeline asks of a runner."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros


class Runner(Protocol):
    """Feeds processors, and hands what changes among their outputs to a sink.

    For the same events the outputs are the same: in any batches, in any order within the allowed lateness, with
    duplicates, and when a restart makes them come again from an earlier position.

    What an earlier life said after that position is *unconfirmed*: a runner is given the ids, and withdraws those that
    it has not said again once nothing more is waiting.
    """

    def process(self, events: Collection[Event]) -> None:
        """Take in events. The time is that of the newest arrival, not of a clock: a backlog is not silence."""

    def tick(self, now: Micros) -> None:
        """Nothing more is waiting, and it is ``now``."""

    def forget(self, student: bytes) -> int:
        """Drop everything about a student, and withdraw what could still change; returns the number of keys concerned.

        What was final before belongs to the sink, which erases its own.
        """
