"""One processor with its states, each kept encoded under its key."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import Admits, Output, Processor, happened
from coursepulse.stream.runners.outbox import Outbox

_log = structlog.get_logger(__name__)

#: Bytes before the encoded state: the moment for which an alarm is set.
_ALARM = 8


class ProcessorHost:
    """The states of one processor, and what they say.

    :param outbox: is told what changes
    """

    def __init__(self, processor: Processor[Any], outbox: Outbox, admits: Admits) -> None:
        self.processor = processor
        self.states: dict[bytes, bytes] = {}
        self._outbox, self._admits = outbox, admits
        self._types = frozenset(processor.types)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(processor.state).decode
        self._alarms: list[tuple[Micros, bytes]] = []

    def take_up(self, states: dict[bytes, bytes]) -> None:
        """Go on with states that were saved."""
        self.states = states
        self._alarms = [(_alarm(kept), key) for key, kept in states.items()]
        heapq.heapify(self._alarms)

    def run(self, events: Collection[Event], before: Micros, now: Micros) -> None:
        """Take in events, and let time pass from ``before`` to ``now``."""
        keyed = self._divide(events, before - self.processor.lateness)
        for key in self._ring(now):
            keyed.setdefault(key, [])
        for key, some in keyed.items():
            self._guard(key, some, before, now)

    def say(self, now: Micros) -> Iterator[Output]:
        """All that is true when it is ``now``."""
        for kept in list(self.states.values()):
            yield from self.processor.outputs(self._decode(kept[_ALARM:]), now)

    def forget(self, student: bytes, now: Micros) -> int:
        """Go without a student; returns the number of keys."""
        keys = [key for key in self.states if key.startswith(student)]
        for key in keys:
            self._drop(key, now, now)
            del self.states[key]
        return len(keys)

    def _divide(self, events: Collection[Event], earliest: Micros) -> dict[bytes, list[Event]]:
        keyed: dict[bytes, list[Event]] = defaultdict(list)
        types, find_key, admits = self._types, self.processor.key, self._admits
        for event in events:
            if event.event_type in types and happened(event) >= earliest and admits(event.student_id):
                key = find_key(event)
                if key is not None:
                    keyed[key].append(event)
        return keyed

    def _ring(self, now: Micros) -> Iterator[bytes]:
        """Keys whose alarm goes off; those whose alarm was set again meanwhile have another one."""
        while self._alarms and self._alarms[0][0] <= now:
            moment, key = heapq.heappop(self._alarms)
            kept = self.states.get(key)
            if kept is not None and _alarm(kept) == moment:
                yield key

    def _guard(self, key: bytes, events: list[Event], before: Micros, now: Micros) -> None:
        """Work on a key; if the processor fails there, the key begins anew with its next event."""
        try:
            self._work(key, events, before, now)
        # A bug of one processor must cost neither the pipeline nor its other keys.
        except Exception:  # noqa: BLE001
            _log.exception("processor_failed", processor=self.processor.name)
            with suppress(Exception):
                self._drop(key, before, now)
            self.states.pop(key, None)

    def _drop(self, key: bytes, before: Micros, now: Micros) -> None:
        if (kept := self.states.get(key)) is not None:
            told = self.processor.outputs(self._decode(kept[_ALARM:]), before)
            self._outbox.add(told, [], now - self.processor.lateness)

    def _work(self, key: bytes, events: list[Event], before: Micros, now: Micros) -> None:
        processor, kept = self.processor, self.states.get(key)
        state = self._decode(kept[_ALARM:]) if kept else None
        told = processor.outputs(state, before) if state is not None else []
        for event in events:
            state = processor.on_event(state, event)
        # By the horizon by which these events were taken in: one of them may have made an output untrue that depends
        # on nothing later than the new one.
        self._outbox.add(told, processor.outputs(state, now), before - processor.lateness)
        state = processor.settle(state, now - processor.lateness)
        if state is None:
            self.states.pop(key, None)
            return
        due = processor.due(state, now)
        alarm = _alarm(kept) if kept else 0
        if not now < alarm <= due:
            alarm = due
            heapq.heappush(self._alarms, (due, key))
        self.states[key] = alarm.to_bytes(_ALARM, "big") + self._encode(state)


def _alarm(kept: bytes) -> Micros:
    return int.from_bytes(kept[:_ALARM], "big")
