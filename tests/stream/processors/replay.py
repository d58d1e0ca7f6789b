"""A processor on its own: events in batches, and what is true after each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import Output, Processor, delay

State = TypeVar("State", bound=msgspec.Struct)


class Replay(Generic[State]):
    """Keeps the states encoded, as runners do; ``rows`` has what was said last, without what was withdrawn."""

    def __init__(self, processor: Processor[State]) -> None:
        self.processor, self.now = processor, 0
        self.rows: dict[bytes, Output] = {}
        self.states: dict[bytes, bytes] = {}
        self._decode = msgspec.msgpack.Decoder(processor.state).decode

    def take(self, *events: Event) -> Replay[State]:
        """Take in a batch."""
        before, self.now = self.now, max(self.now, *(event.received_at for event in events))
        keyed: dict[bytes, list[Event]] = defaultdict(list)
        for event in events:
            key = self.processor.key(event) if event.event_type in self.processor.types else None
            if key is not None and delay(event, before) <= self.processor.lateness:
                keyed[key].append(event)
        for key, some in keyed.items():
            self._turn(key, some)
        self.tick(self.now)
        return self

    def tick(self, now: Micros) -> Replay[State]:
        """Nothing happens until ``now``."""
        self.now = max(self.now, now)
        for key in list(self.states):
            self._turn(key, ())
        return self

    def values(self, kind: str = "") -> list[Any]:
        """The values of one kind, or of all."""
        return [output.value for output in self.rows.values() if kind in ("", output.kind)]

    def _turn(self, key: bytes, events: Iterable[Event]) -> None:
        state = self._decode(self.states[key]) if key in self.states else None
        before = {} if state is None else {each.output_id for each in self.processor.outputs(state, self.now)}
        for event in events:
            state = self.processor.on_event(state, event)
        assert state is not None
        true = {each.output_id: each for each in self.processor.outputs(state, self.now)}
        horizon = self.now - self.processor.lateness
        for gone in before - true.keys():
            if self.rows[gone].until >= horizon:
                del self.rows[gone]
        self.rows |= true
        assert self.processor.due(state, self.now) > self.now
        state = self.processor.settle(state, horizon)
        if state is None:
            self.states.pop(key, None)
        else:
            self.states[key] = msgspec.msgpack.encode(state)


def replay(processor: Processor[Any], batches: Sequence[Sequence[Event]], end: Micros = 0) -> Replay[Any]:
    """All batches, and then silence until ``end``."""
    made = Replay(processor)
    for batch in batches:
        made.take(*batch)
    return made.tick(end)
