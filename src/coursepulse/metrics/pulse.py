"""Metrics of this process itself, or of all workers together: what is taken in at the moment."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from coursepulse.aggregates.row import Row
from coursepulse.collect.collector import Collector
from coursepulse.kit.clock import from_micros
from coursepulse.stream.pulse import PulseMinute, Taken

#: By the name of the metric.
Memory = dict[str, Callable[[], list[Row]]]


class PulseReader(Protocol):
    """How much has been taken in lately."""

    def taken(self) -> Taken:
        """The rate of the last seconds."""

    def minutes(self) -> Collection[PulseMinute]:
        """The last hour, minute by minute."""


def pulse_of(pulse: PulseReader, collector: Collector, active_sessions: Callable[[], int]) -> Memory:
    """What is taken in at this moment, and in each minute of the last hour."""

    def now() -> list[Row]:
        taken = pulse.taken()
        return [
            {
                "per_second": taken.per_second,
                "active_sessions": active_sessions(),
                "waiting": collector.lag(),
                "delay": taken.delay,
            }
        ]

    def minutes() -> list[Row]:
        return [{"minute": from_micros(each.began_at), "events": each.events} for each in pulse.minutes()]

    return {"pulse": now, "pulse_minutes": minutes}
