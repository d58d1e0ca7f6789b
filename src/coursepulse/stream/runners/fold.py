"""Running a processor over the events of one key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import Output, Processor, happened

State = TypeVar("State")

#: What was said, by id; the last word counts.
Outputs = dict[bytes, Output]


class Fold(Generic[State]):
    """What becomes of a state by events and by time."""

    def __init__(self, processor: Processor[State]) -> None:
        self._processor = processor

    def take(self, state: State | None, events: Iterable[Event]) -> tuple[State | None, Outputs]:
        """The state after these events, which are in order, and what was said on the way."""
        told: Outputs = {}
        for event in events:
            state, passed = self.wind(state, happened(event))
            state, outputs = self._processor.on_event(state, event)
            if passed:
                told |= passed
            for output in outputs:
                told[output.output_id] = output
        return state, told

    def wind(self, state: State | None, now: Micros) -> tuple[State | None, Outputs]:
        """The state when it is ``now``: every timer before has gone off at its own moment."""
        told: Outputs = {}
        while state is not None:
            due = self._processor.due(state)
            if due is None or due > now:
                break
            state, outputs = self._processor.on_timer(state, due)
            for output in outputs:
                told[output.output_id] = output
        return state, told
