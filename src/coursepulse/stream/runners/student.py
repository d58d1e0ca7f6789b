"""All processors for one student at a time, bytes in and bytes out: what an engine with keyed state runs.

It works on the states by :class:`coursepulse.stream.runners.host.ProcessorHost`, as the server does by itself, so that
both say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from coursepulse.kit.clock import Micros
from coursepulse.stream.feed import FedKind, FedRecord, SaidRecord, open_fed, pack_said, seal
from coursepulse.stream.processor import Changes, Output, Processor, delay
from coursepulse.stream.runners.host import Arrivals, ProcessorHost, alarm_of, replay
from coursepulse.stream.runners.outbox import Outbox

#: Under this name stands what belongs to the student and to no processor.
_ABOUT = ""

#: Tells processors what they look up besides the events: first what is kept of a student, then what came with a record.
Hold = Callable[[Mapping[str, bytes], bytes], None]


class KeptStates(Protocol):
    """What an engine keeps of one student, by name."""

    def get(self, name: str, /) -> bytes | None:
        """What is kept under a name."""

    def put(self, name: str, kept: bytes, /) -> None:
        """Keep this under a name."""

    def remove(self, name: str, /) -> None:
        """Keep nothing under a name."""


class EngineAnswer(NamedTuple):
    """What follows from a record, or from time.

    :param said: a said record, if anything has changed
    :param alarm: when to ring next, if ever
    """

    said: bytes | None
    alarm: Micros | None


class _About(msgspec.Struct, array_like=True):
    """What is known of a student.

    :param now: the newest moment at which the student was looked at
    :param alarms: when each processor that keeps anything wants to be asked next
    """

    partition: int = 0
    now: Micros = 0
    alarms: dict[str, Micros] = {}
    facts: dict[str, bytes] = {}


class _Visit(NamedTuple):
    """One student at hand.

    :param before: the time up to the events that have come
    :param now: the time with them
    """

    student: bytes
    about: _About
    kept: KeptStates
    before: Micros
    now: Micros


class _KindSink:
    """An :class:`coursepulse.stream.processor.OutputSink` for one kind, which remembers."""

    def __init__(self, kind: str) -> None:
        self.kinds: Collection[str] = (kind,)
        self._kind, self._put = kind, list[Output]()
        self._withdrawn = list[bytes]()

    def apply(self, changes: Changes) -> None:
        self._put += changes.put
        self._withdrawn += changes.withdrawn

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:
        """Nothing is told at once here."""

    def take(self) -> tuple[list[Output], list[tuple[bytes, str]]]:
        """What came since."""
        put, withdrawn = self._put, [(output_id, self._kind) for output_id in self._withdrawn]
        self._put, self._withdrawn = [], []
        return put, withdrawn


_encode = msgspec.msgpack.Encoder().encode
_decode_about = msgspec.msgpack.Decoder(_About).decode
_decode_states = msgspec.msgpack.Decoder(dict[bytes, bytes]).decode


class StudentProcessors:
    """Works for any student; what is known of one comes from the engine and goes back there.

    :param kinds: of all outputs that these processors have
    """

    def __init__(
        self, processors: Sequence[Processor[Any]], kinds: Collection[str], hold: Hold = lambda _, __: None
    ) -> None:
        self._collected, self._hold = [_KindSink(kind) for kind in sorted(kinds)], hold
        self._outbox = Outbox(self._collected)
        # The version is part of the name: states of another version are not read.
        self._hosts = {
            f"{processor.name}/{processor.version}": ProcessorHost(processor, self._outbox)
            for processor in processors
        }

    def take(self, body: bytes, kept: KeptStates) -> EngineAnswer:
        """Do what a fed record says.

        :raises msgspec.MsgspecError: when it is no such record
        """
        student, record = open_fed(body)
        if record.kind is FedKind.TIME:
            return EngineAnswer(None, None)
        if record.kind is FedKind.MARK:
            return EngineAnswer(
                pack_said(SaidRecord(student, record.partition, record.now, told_by=record.kind)), None
            )
        about = _look_up(kept)
        about.partition = record.partition
        before, now = max(about.now, record.before), max(about.now, record.now)
        visit = _Visit(student, about, kept, before, now)
        self._WORK[record.kind](self, record, visit)
        return self._answer(visit, record.kind)

    def ring(self, student: bytes, at: Micros, kept: KeptStates) -> EngineAnswer:
        """Let time pass."""
        about = _look_up(kept)
        visit = _Visit(student, about, kept, about.now, max(about.now, at))
        self._hold(about.facts, b"")
        self._pass_time(visit, visit.now)
        return self._answer(visit, FedKind.TIME)

    def _work(self, record: FedRecord, visit: _Visit) -> None:
        self._learn(record, visit)
        # What was to change by itself has changed before these events come.
        self._pass_time(visit, visit.before)
        arrivals = [(event, delay(event, visit.before)) for event in record.events]
        types = {event.event_type for event in record.events}
        for name, host in self._hosts.items():
            due = visit.about.alarms.get(name, visit.now + 1) <= visit.now
            if due or not types.isdisjoint(host.processor.types):
                self._run(name, visit, arrivals, visit.before, visit.now)

    def _forget(self, _: FedRecord, visit: _Visit) -> None:
        self._hold(visit.about.facts, b"")
        for name in self._known(visit):
            host = self._load(name, visit)
            host.forget(visit.student, visit.now)
            self._store(name, host, visit)

    def _renew(self, record: FedRecord, visit: _Visit) -> None:
        self._learn(record, visit)
        for name in self._hosts:
            host = self._load(name, visit)
            host.replace(visit.student, replay(host.processor, record.events, visit.now), visit.now)
            self._store(name, host, visit)

    def _judge(self, record: FedRecord, visit: _Visit) -> None:
        """The same states by other facts."""
        self._hold(visit.about.facts, b"")
        self._pass_time(visit, visit.now)
        told = {name: list(self._load(name, visit).say(visit.now)) for name in self._known(visit)}
        self._learn(record, visit)
        for name, outputs in told.items():
            # Whatever is gone is told: sinks know best what follows for something old.
            self._outbox.add(outputs, list(self._load(name, visit).say(visit.now)), 0)

    _WORK: Mapping[FedKind, Callable[[StudentProcessors, FedRecord, _Visit], None]] = {
        FedKind.EVENTS: _work, FedKind.FORGET: _forget, FedKind.RENEW: _renew, FedKind.FACTS: _judge
    }  # fmt: skip

    def _learn(self, record: FedRecord, visit: _Visit) -> None:
        visit.about.facts |= record.facts
        self._hold(visit.about.facts, record.passing)

    def _pass_time(self, visit: _Visit, now: Micros) -> None:
        for name in self._known(visit):
            if (alarm := visit.about.alarms[name]) <= now:
                # Nothing changes by itself before the alarm, so that is what was told last.
                self._run(name, visit, (), alarm - 1, now)

    def _known(self, visit: _Visit) -> list[str]:
        """Processors that keep something of a student. What those of another version kept is let go of."""
        for name in visit.about.alarms.keys() - self._hosts.keys():
            visit.kept.remove(name)
            del visit.about.alarms[name]
        return list(visit.about.alarms)

    def _run(self, name: str, visit: _Visit, arrivals: Arrivals, before: Micros, now: Micros) -> None:
        host = self._load(name, visit)
        host.run(arrivals, before, now)
        self._store(name, host, visit)

    def _load(self, name: str, visit: _Visit) -> ProcessorHost:
        body, host = visit.kept.get(name), self._hosts[name]
        host.restore(_decode_states(body) if body else {})
        return host

    def _store(self, name: str, host: ProcessorHost, visit: _Visit) -> None:
        if states := host.capture():
            visit.kept.put(name, _encode(states))
            visit.about.alarms[name] = min(map(alarm_of, states.values()))
        elif visit.about.alarms.pop(name, None) is not None:
            visit.kept.remove(name)

    def _answer(self, visit: _Visit, asked: FedKind) -> EngineAnswer:
        visit.about.now = visit.now
        _remember(visit)
        self._outbox.send()
        found = [each.take() for each in self._collected]
        put = [seal(output) for outputs, _ in found for output in outputs]
        withdrawn = [each for _, some in found for each in some]
        alarm = min(visit.about.alarms.values(), default=None)
        # What is forgotten is not heard until this has been answered, even if there is nothing to say.
        if not put and not withdrawn and asked is not FedKind.FORGET:
            return EngineAnswer(None, alarm)
        said = SaidRecord(visit.student, visit.about.partition, visit.now, put, withdrawn, asked)
        return EngineAnswer(pack_said(said), alarm)


def _look_up(kept: KeptStates) -> _About:
    body = kept.get(_ABOUT)
    return _decode_about(body) if body else _About()


def _remember(visit: _Visit) -> None:
    if visit.about.alarms:
        visit.kept.put(_ABOUT, _encode(visit.about))
    else:
        visit.kept.remove(_ABOUT)
