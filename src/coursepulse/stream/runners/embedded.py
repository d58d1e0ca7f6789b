"""Processors inside the server: each event is folded once, unless late ones make a key begin again."""

from __future__ import annotations

import heapq
import itertools
import threading
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

import structlog

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import LATENESS, Changes, Output, Processor, Sink, happened, order
from coursepulse.stream.runners.fold import Fold, Outputs

State = TypeVar("State")

_log = structlog.get_logger(__name__)


#: A key with so many events lets go of the old ones if they are half of that: those that stay are folded once more.
_SETTLE_SOME = 32


class _Keyed(Generic[State]):
    """A key at which something is going on.

    Events that a late one could still precede are kept. ``tip`` is the state after all of them, before the timers
    that only the present sets off: the next event may show that they should not have gone off.

    :param told: outputs by id; ``settled`` has those of events that are let go of, ``tip_told`` the others
    """

    __slots__ = ("alarm", "base", "ids", "recent", "settled", "tip", "tip_told", "told")

    def __init__(self) -> None:
        self.base: State | None = None
        self.settled: Outputs = {}
        self.recent: list[Event] = []
        self.ids: set[bytes] = set()
        self.tip: State | None = None
        self.tip_told: Outputs = {}
        self.told: Outputs = {}
        self.alarm: Micros | None = None

    def add(self, fold: Fold[State], events: list[Event]) -> None:
        """Take in events that are in order among themselves."""
        if not self.recent or order(self.recent[-1]) < order(events[0]):
            self.recent += events
            self.tip, told = fold.take(self.tip, events)
            self.tip_told |= told
        else:
            for event in events:
                insort(self.recent, event, key=order)
            self.begin_again(fold)
        self.ids.update(event.event_id for event in events)

    def begin_again(self, fold: Fold[State]) -> None:
        self.tip, self.tip_told = fold.take(self.base, self.recent)

    def say(self, fold: Fold[State], now: Micros) -> tuple[Changes, State | None]:
        """What has changed of what is said at this moment, and the state that says it."""
        state, passed = fold.wind(self.tip, now)
        before, self.told = self.told, self.settled | self.tip_told | passed
        put = [one for output_id, one in self.told.items() if before.get(output_id) != one]
        return Changes(put, [output_id for output_id in before if output_id not in self.told]), state

    def settle(self, fold: Fold[State], horizon: Micros) -> None:
        """Let go of events that no late one can precede any more."""
        if self.recent and happened(self.recent[-1]) >= horizon:
            if len(self.recent) >= _SETTLE_SOME:
                self._settle_some(fold, bisect_left(self.recent, horizon, key=happened))
            return
        self.base, passed = fold.wind(self.tip, horizon)
        # At None nothing is going on: what was said is final.
        self.settled = {} if self.base is None else self.settled | self.tip_told | passed
        self.recent, self.ids, self.tip, self.tip_told = [], set(), self.base, {}
        self.told = self.told if self.settled else {}

    def _settle_some(self, fold: Fold[State], old: int) -> None:
        if old < _SETTLE_SOME // 2:
            return
        self.base, told = fold.take(self.base, self.recent[:old])
        self.settled |= told
        self.recent = self.recent[old:]
        self.ids = {event.event_id for event in self.recent}
        self.begin_again(fold)

    @property
    def idle(self) -> bool:
        """Nothing is left that anything could change."""
        return self.base is None and not self.recent


class _Host(Generic[State]):
    """One processor with its keys."""

    def __init__(self, processor: Processor[State], lateness: Micros) -> None:
        self._processor, self._lateness = processor, lateness
        self._fold = Fold(processor)
        self._types = frozenset(processor.types)
        self._keys: dict[Hashable, _Keyed[State]] = {}
        self._alarms: list[tuple[Micros, int, Hashable]] = []
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, events: Collection[Event], earliest: Micros, now: Micros) -> Iterator[Changes]:
        """What changes when these events have come and it is ``now``."""
        for key, some in self._divide(events, earliest).items():
            yield self._guard(key, partial(_Keyed.add, fold=self._fold, events=some), now)
        yield from self.ring(now)

    def ring(self, now: Micros) -> Iterator[Changes]:
        """What changes by itself until ``now``."""
        while self._alarms and self._alarms[0][0] <= now:
            moment, _, key = heapq.heappop(self._alarms)
            keyed = self._keys.get(key)
            if keyed is not None and keyed.alarm == moment:
                keyed.alarm = None
                yield self._guard(key, lambda _: None, now)

    def forget(self, student: bytes, now: Micros) -> Iterator[Changes]:
        """Go without a student; one answer for each key concerned."""
        for key, keyed in list(self._keys.items()):
            base = None if keyed.base is None else self._processor.forget(keyed.base, student)
            recent = [event for event in keyed.recent if event.student_id != student]
            if base != keyed.base or len(recent) < len(keyed.recent):
                keyed.base, keyed.recent = base, recent
                keyed.settled = {} if base is None else keyed.settled
                yield self._guard(key, partial(_Keyed.begin_again, fold=self._fold), now)

    def _divide(self, events: Collection[Event], earliest: Micros) -> dict[Hashable, list[Event]]:
        """The events that the processor asks for, by key: each once, and none that comes too late."""
        keyed: dict[Hashable, dict[bytes, Event]] = defaultdict(dict)
        for event in events:
            if event.event_type in self._types and happened(event) >= earliest:
                key = self._processor.key(event)
                known = self._keys.get(key)
                if key is not None and (known is None or event.event_id not in known.ids):
                    keyed[key].setdefault(event.event_id, event)
        return {key: sorted(some.values(), key=order) for key, some in keyed.items()}

    def _guard(self, key: Hashable, work: Callable[[_Keyed[State]], None], now: Micros) -> Changes:
        """Work on a key; if the processor fails there, the key begins anew with its next event."""
        keyed = self._keys.setdefault(key, _Keyed())
        try:
            work(keyed)
            changes, state = keyed.say(self._fold, now)
            keyed.settle(self._fold, now - self._lateness)
            if keyed.idle:
                del self._keys[key]
            else:
                self._set_alarm(key, keyed, state)
        # A bug of one processor must cost neither the pipeline nor its other keys.
        except Exception:  # noqa: BLE001
            _log.exception("processor_failed", processor=self._processor.name)
            del self._keys[key]
            return Changes([], list(keyed.told))
        return changes

    def _set_alarm(self, key: Hashable, keyed: _Keyed[State], state: State | None) -> None:
        """When the state changes by itself, or the key can be let go of."""
        moments = [happened(event) + self._lateness + 1 for event in keyed.recent[-1:]]
        if state is not None and (due := self._processor.due(state)) is not None:
            moments.append(due)
        if keyed.base is not None and not keyed.recent:
            due = self._processor.due(keyed.base)
            moments += [] if due is None else [due + self._lateness]
        if moments and (keyed.alarm is None or min(moments) < keyed.alarm):
            keyed.alarm = min(moments)
            heapq.heappush(self._alarms, (keyed.alarm, next(self._numbers), key))


class EmbeddedRunner:
    """A :class:`coursepulse.stream.runners.port.Runner` in this process, with its state in memory.

    :param lateness: events that happened longer before the newest arrival are passed over
    :param unconfirmed: see :mod:`coursepulse.stream.runners.port`
    """

    def __init__(
        self,
        processors: Sequence[Processor[Any]],
        sink: Sink,
        *,
        lateness: Micros = LATENESS,
        unconfirmed: Iterable[bytes] = (),
    ) -> None:
        self._unconfirmed = set(unconfirmed)
        self._hosts = [_Host(processor, lateness) for processor in processors]
        self._sink, self._lateness = sink, lateness
        self._now: Micros = 0
        # What the sink has not taken yet: it may be away for a while.
        self._put: dict[bytes, Output] = {}
        self._withdrawn: set[bytes] = set()
        # The pipeline processes, and erasures come from elsewhere.
        self._lock = threading.Lock()

    @property
    def active(self) -> int:
        """Keys at which something is going on."""
        return sum(map(len, self._hosts))

    def process(self, events: Collection[Event]) -> None:
        with self._lock:
            earliest = self._now - self._lateness
            self._now = max(self._now, max((event.received_at for event in events), default=0))
            self._tell(change for host in self._hosts for change in host.take(events, earliest, self._now))

    def tick(self, now: Micros) -> None:
        with self._lock:
            self._now = max(self._now, now)
            self._tell(change for host in self._hosts for change in host.ring(self._now))
            if self._unconfirmed:
                gone, self._unconfirmed = sorted(self._unconfirmed), set()
                self._tell([Changes([], gone)])

    def forget(self, student: bytes) -> int:
        with self._lock:
            changes = [change for host in self._hosts for change in host.forget(student, self._now)]
            self._tell(changes)
            return len(changes)

    def _tell(self, changes: Iterable[Changes]) -> None:
        for change in changes:
            self._withdrawn.update(change.withdrawn)
            for output in change.put:
                self._put[output.output_id] = output
            self._withdrawn.difference_update(output.output_id for output in change.put)
            for output_id in change.withdrawn:
                self._put.pop(output_id, None)
        self._unconfirmed -= self._put.keys()
        if self._put or self._withdrawn:
            self._sink(Changes(list(self._put.values()), sorted(self._withdrawn)))
            self._put, self._withdrawn = {}, set()
