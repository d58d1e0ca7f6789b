"""The plainest runner, for tests: it keeps every event and folds all of them, every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Any

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import LATENESS, Changes, Output, Processor, Sink, order
from coursepulse.stream.runners.fold import Fold


class MemoryRunner:
    """A :class:`coursepulse.stream.runners.port.Runner` that shows what the others must do."""

    def __init__(
        self,
        processors: Sequence[Processor[Any]],
        sink: Sink,
        *,
        lateness: Micros = LATENESS,
        unconfirmed: Iterable[bytes] = (),
    ) -> None:
        self._unconfirmed = set(unconfirmed)
        self._processors, self._sink, self._lateness = processors, sink, lateness
        self._events: dict[bytes, Event] = {}
        self._now = 0
        self._told: dict[bytes, Output] = {}

    def process(self, events: Collection[Event]) -> None:
        for event in events:
            if order(event)[0] >= self._now - self._lateness:
                self._events.setdefault(event.event_id, event)
        self._tell(max((event.received_at for event in events), default=0))

    def tick(self, now: Micros) -> None:
        self._tell(now)
        self._sink(Changes([], sorted(self._unconfirmed)))
        self._unconfirmed.clear()

    def _tell(self, now: Micros) -> None:
        self._now = max(self._now, now)
        outputs: dict[bytes, Output] = {}
        for processor in self._processors:
            for events in self._divide(processor).values():
                fold = Fold(processor)
                state, told = fold.take(None, events)
                outputs |= told | fold.wind(state, self._now)[1]
        self._sink(
            Changes(
                [one for key, one in outputs.items() if self._told.get(key) != one],
                [key for key in self._told if key not in outputs],
            )
        )
        self._told = outputs
        self._unconfirmed -= outputs.keys()

    def forget(self, student: bytes) -> int:
        mine = [event for event in self._events.values() if event.student_id == student]
        keys = {
            (processor.name, processor.key(one))
            for processor in self._processors
            for one in mine
            if one.event_type in processor.types and processor.key(one) is not None
        }
        for event in mine:
            del self._events[event.event_id]
        self._tell(self._now)
        return len(keys)

    def _divide(self, processor: Processor[Any]) -> dict[Hashable, list[Event]]:
        keyed: dict[Hashable, list[Event]] = defaultdict(list)
        for event in sorted(self._events.values(), key=order):
            key = processor.key(event) if event.event_type in processor.types else None
            if key is not None:
                keyed[key].append(event)
        return keyed
