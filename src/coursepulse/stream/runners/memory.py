"""The plainest runner, for tests: it keeps every event and makes every state anew, every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.log.positions import Position, start
from coursepulse.stream.processor import Admits, Output, OutputSink, Processor, delay
from coursepulse.stream.runners.outbox import Outbox


class MemoryRunner:
    """A :class:`coursepulse.stream.runners.port.Runner` that shows what the others must do."""

    def __init__(
        self,
        processors: Sequence[Processor[Any]],
        sinks: Sequence[OutputSink],
        *,
        admits: Admits = lambda _: True,
    ) -> None:
        self._processors, self._outbox, self._admits = processors, Outbox(sinks), admits
        self._events: dict[str, dict[bytes, Event]] = {processor.name: {} for processor in processors}
        self._now: Micros = 0
        self._told: list[Output] = []

    def restore(self, partition: int) -> Position:
        return start(partition)

    def process(self, events: Collection[Event]) -> None:
        self._take(events)
        self._tell()

    def tick(self, now: Micros) -> None:
        self._now = max(self._now, now)
        self._tell()

    def reconcile(self) -> None:
        self._outbox.reconcile(self._told, self._now)

    def save(self, position: Position, *, last: bool = False) -> None:
        """Nothing is kept: the log makes it anew."""

    def forget(self, student: bytes) -> int:
        keys = {
            (processor.name, key)
            for processor in self._processors
            for key in self._divide(processor)
            if key.startswith(student)
        }
        self._drop(student)
        self._tell()
        return len(keys)

    def renew(self, student: bytes, events: Sequence[Event]) -> None:
        self._drop(student)
        now, self._now = self._now, 0
        for event in events:
            self._take([event])
        self._now = max(now, self._now)
        self._tell()

    def _drop(self, student: bytes) -> None:
        for taken in self._events.values():
            for event_id in [event.event_id for event in taken.values() if event.student_id == student]:
                del taken[event_id]

    def _take(self, events: Collection[Event]) -> None:
        for processor in self._processors:
            taken = self._events[processor.name]
            for event in events:
                if self._takes(processor, event):
                    taken.setdefault(event.event_id, event)
        self._now = max(self._now, max((event.received_at for event in events), default=0))

    def _takes(self, processor: Processor[Any], event: Event) -> bool:
        asked = event.event_type in processor.types and self._admits(event.student_id)
        return asked and delay(event, self._now) <= processor.lateness

    def _tell(self) -> None:
        before, self._told = self._told, list(self._say())
        self._outbox.add(before, self._told, 0)
        self._outbox.send()

    def _say(self) -> Iterable[Output]:
        for processor in self._processors:
            for events in self._divide(processor).values():
                state = None
                for event in events:
                    state = processor.on_event(state, event)
                yield from processor.outputs(state, self._now)

    def _divide(self, processor: Processor[Any]) -> dict[bytes, list[Event]]:
        keyed: dict[bytes, list[Event]] = defaultdict(list)
        for event in self._events[processor.name].values():
            if (key := processor.key(event)) is not None:
                keyed[key].append(event)
        return keyed
