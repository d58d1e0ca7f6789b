"""One processor with its states, each kept encoded under its key."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, TypeAlias

import msgspec
import structlog

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import Output, Processor, delay, order
from coursepulse.stream.runners.outbox import Outbox

_log = structlog.get_logger(__name__)

#: Bytes before the encoded state: the moment for which an alarm is set.
_ALARM = 8

#: Keys of a processor that are kept decoded: those with the latest events. Encoding and decoding cost as much as the
#: processor itself, and a student at work does something else soon.
_DECODED = 5_000

#: A state that is at work is settled so often while its lateness passes.
_SETTLED = 4

#: As many events of a key in one batch, or more, are a burst.
_BURST = 32

#: Events as they arrived, each with how late it came.
Arrivals: TypeAlias = Sequence[tuple[Event, Micros]]


class _Decoded:
    """A state at hand, and what it has said.

    :param settled_at: as of when it was settled last
    """

    __slots__ = ("alarm", "settled_at", "state", "told")

    def __init__(self, state: Any, told: list[Output], alarm: Micros, settled_at: Micros) -> None:
        self.state, self.told, self.alarm, self.settled_at = state, told, alarm, settled_at


class ProcessorHost:
    """The states of one processor, and what they say.

    A key is either decoded or encoded.

    :param outbox: is told what changes
    """

    def __init__(self, processor: Processor[Any], outbox: Outbox) -> None:
        self.processor, self._outbox = processor, outbox
        self._types = frozenset(processor.types)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(processor.state).decode
        self._encoded: dict[bytes, bytes] = {}
        self._decoded: dict[bytes, _Decoded] = {}
        self._alarms: list[tuple[Micros, bytes]] = []

    def __len__(self) -> int:
        return len(self._encoded) + len(self._decoded)

    def restore(self, states: dict[bytes, bytes]) -> None:
        """Go on with states that :meth:`capture` gave."""
        self._encoded, self._decoded = states, {}
        self._alarms = [(alarm_of(kept), key) for key, kept in states.items()]
        heapq.heapify(self._alarms)

    def capture(self) -> dict[bytes, bytes]:
        """Every state, encoded."""
        return self._encoded | {
            key: self._pack(kept.state, kept.alarm) for key, kept in self._decoded.items()
        }

    def run(self, arrivals: Arrivals, before: Micros, now: Micros) -> None:
        """Take in events, and let time pass from ``before`` to ``now``."""
        keyed = self._divide(arrivals)
        for key in self._ring(now):
            keyed.setdefault(key, [])
        for key, some in keyed.items():
            self._guard(key, some, before, now)
        for key in list(islice(self._decoded, max(0, len(self._decoded) - _DECODED))):
            self._put_away(key, now)

    def say(self, now: Micros) -> Iterator[Output]:
        """All that is true when it is ``now``."""
        for kept in list(self._encoded.values()):
            yield from self.processor.outputs(self._decode(kept[_ALARM:]), now)
        for each in list(self._decoded.values()):
            yield from self.processor.outputs(each.state, now)

    def forget(self, student: bytes, now: Micros) -> int:
        """Go without a student; returns the number of keys."""
        keys = self._keys_of(student)
        for key in keys:
            self._drop(key, now, now)
        return len(keys)

    def replace(self, student: bytes, states: Mapping[bytes, bytes], now: Micros) -> None:
        """Go on with other states of a student, of those that :meth:`capture` gives."""
        before = [output for key in self._keys_of(student) for output in self._take(key, now).told]
        after: list[Output] = []
        for key, kept in states.items():
            self._encoded[key] = kept
            heapq.heappush(self._alarms, (alarm_of(kept), key))
            after += self.processor.outputs(self._decode(kept[_ALARM:]), now)
        # From the beginning of time: nothing is final of what never happened.
        self._outbox.add(before, after, 0)

    def _keys_of(self, student: bytes) -> list[bytes]:
        return [key for key in (*self._encoded, *self._decoded) if key.startswith(student)]

    def _divide(self, arrivals: Arrivals) -> dict[bytes, list[Event]]:
        keyed: dict[bytes, list[Event]] = defaultdict(list)
        types, find_key, lateness = self._types, self.processor.key, self.processor.lateness
        for event, late in arrivals:
            if event.event_type in types and late <= lateness and (key := find_key(event)) is not None:
                keyed[key].append(event)
        return keyed

    def _ring(self, now: Micros) -> Iterator[bytes]:
        """Keys whose alarm goes off; those whose alarm was set again meanwhile have another one."""
        while self._alarms and self._alarms[0][0] <= now:
            moment, key = heapq.heappop(self._alarms)
            if self._alarm_of(key) == moment:
                yield key

    def _alarm_of(self, key: bytes) -> Micros | None:
        if (decoded := self._decoded.get(key)) is not None:
            return decoded.alarm
        encoded = self._encoded.get(key)
        return None if encoded is None else alarm_of(encoded)

    def _guard(self, key: bytes, events: list[Event], before: Micros, now: Micros) -> None:
        """Work on a key; if the processor fails there, the key begins anew with its next event."""
        try:
            self._work(key, events, before, now)
        # A bug of one processor must cost neither the pipeline nor its other keys.
        except Exception:  # noqa: BLE001
            _log.exception("processor_failed", processor=self.processor.name)
            with suppress(Exception):
                self._drop(key, before, now)
            self._encoded.pop(key, None)
            self._decoded.pop(key, None)

    def _drop(self, key: bytes, before: Micros, now: Micros) -> None:
        kept = self._take(key, before)
        self._outbox.add(kept.told, [], now - self.processor.lateness)

    def _take(self, key: bytes, before: Micros) -> _Decoded:
        """A state, which is put back afterwards."""
        if (decoded := self._decoded.pop(key, None)) is not None:
            return decoded
        encoded = self._encoded.pop(key, None)
        if encoded is None:
            return _Decoded(None, [], 0, before)
        state = self._decode(encoded[_ALARM:])
        return _Decoded(state, self.processor.outputs(state, before), alarm_of(encoded), before)

    def _work(self, key: bytes, events: list[Event], before: Micros, now: Micros) -> None:
        kept, processor = self._take(key, before), self.processor
        # While it is at work it is where a failure finds it.
        self._decoded[key] = kept
        state = kept.state
        # Nothing depends on the order, except what it costs: what comes late is fitted in among what is there already.
        for event in events if len(events) < _BURST else sorted(events, key=order):
            state = processor.on_event(state, event)
        told = processor.outputs(state, now)
        # By the horizon by which these events were taken in: one of them may have made an output untrue that depends
        # on nothing later than the new one.
        self._outbox.add(kept.told, told, before - processor.lateness)
        kept.state, kept.told = state, told
        if self._is_unsettled(kept, now) and not self._settle(key, kept, now):
            return
        self._set_alarm(key, kept, now)

    def _is_unsettled(self, kept: _Decoded, now: Micros) -> bool:
        return kept.alarm <= now or now - kept.settled_at >= self.processor.lateness // _SETTLED

    def _settle(self, key: bytes, kept: _Decoded, now: Micros) -> bool:
        """Whether anything is left."""
        state = self.processor.settle(kept.state, now - self.processor.lateness)
        if state is None:
            del self._decoded[key]
            return False
        if state is not kept.state:
            kept.state, kept.told = state, self.processor.outputs(state, now)
        kept.settled_at = now
        return True

    def _set_alarm(self, key: bytes, kept: _Decoded, now: Micros) -> None:
        due = self.processor.due(kept.state, now)
        if not now < kept.alarm <= due:
            kept.alarm = due
            heapq.heappush(self._alarms, (due, key))

    def _put_away(self, key: bytes, now: Micros) -> None:
        kept = self._decoded.pop(key)
        state = self.processor.settle(kept.state, now - self.processor.lateness)
        if state is not None:
            self._encoded[key] = self._pack(state, kept.alarm)

    def _pack(self, state: Any, alarm: Micros) -> bytes:
        return alarm.to_bytes(_ALARM, "big") + self._encode(state)


def replay(processor: Processor[Any], events: Sequence[Event], now: Micros) -> dict[bytes, bytes]:
    """The states that events alone make by ``now``, in the order in which they arrived."""
    host, before = ProcessorHost(processor, Outbox(())), 0
    for event in events:
        at = max(before, event.received_at)
        host.run([(event, delay(event, before))], before, at)
        before = at
    host.run((), before, max(before, now))
    return host.capture()


def alarm_of(encoded: bytes) -> Micros:
    return int.from_bytes(encoded[:_ALARM], "big")
