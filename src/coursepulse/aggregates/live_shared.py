"""What goes on right now, where several workers share the students: each tells what it knows while somebody looks.

A look is noted in PostgreSQL and lasts for some seconds; workers ask twice a second what is looked at. Where nobody
looks, that question is all there is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from coursepulse.aggregates.live import KINDS, LiveTable, LiveValue
from coursepulse.aggregates.row import Row
from coursepulse.kit.clock import Clock, Micros
from coursepulse.store.postgres.live import LiveBoard
from coursepulse.stream.processor import Output
from coursepulse.stream.pulse import Pulse, PulseMinute, Taken

#: What the numbers of the platform itself stand under.
PLATFORM = "platform"

#: Seconds after which a look is noted again, and after which a worker repeats what has not changed.
_LOOK_AGAIN, _TELL_AGAIN = 5.0, 4.0

#: Seconds that a first look waits for the workers, and between two questions meanwhile.
_PATIENCE, _PAUSE = 1.5, 0.05

#: Looks that are remembered.
_MOST = 10_000


class LiveOutput(msgspec.Struct, array_like=True, frozen=True):
    """One output on its way."""

    output_id: bytes
    kind: str
    until: Micros
    value: msgspec.Raw


class LiveNews(msgspec.Struct, array_like=True, frozen=True):
    """What a worker says of one subject: of the platform its pulse, of a course or a student their outputs."""

    outputs: list[LiveOutput] = []
    sessions: int = 0
    per_second: float = 0.0
    delay: Micros | None = None
    minutes: list[PulseMinute] = []


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(LiveNews).decode


def subject_of(name: str, values: Mapping[str, Any]) -> str:
    """What a query looks at."""
    return f"course:{values['course']}" if name == "course_now" else f"student:{values['student']}"


class Looks:
    """Notes what is looked at, and asks the other workers.

    :param sleep: passes the time until the workers have answered a first look
    """

    def __init__(self, board: LiveBoard, sleep: Callable[[float], None] = time.sleep) -> None:
        self._board, self._sleep, self._lock = board, sleep, threading.Lock()
        self._noted: dict[str, float] = {}

    def ask(self, subject: str) -> list[LiveNews]:
        """What the other workers say of it. Who has not answered in time is left out.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        self._note(subject)
        told, waited = self._board.told(subject), 0.0
        while told.awaited and waited < _PATIENCE:
            self._sleep(_PAUSE)
            waited += _PAUSE
            told = self._board.told(subject)
        return list(_understood(told.said))

    def _note(self, subject: str) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._noted.get(subject, -_LOOK_AGAIN) < _LOOK_AGAIN:
                return
            if len(self._noted) >= _MOST:
                self._noted.clear()
            self._noted[subject] = now
        self._board.want(subject)


class SharedLive:
    """A :class:`LiveReader` over the tables of all workers.

    :param own: what this process knows itself
    """

    def __init__(self, own: LiveTable, looks: Looks, clock: Clock) -> None:
        self._own, self._looks, self._clock = own, looks, clock

    def rows(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a query."""
        subject = subject_of(name, values)
        told = [output for news in self._looks.ask(subject) for output in _open_outputs(news.outputs)]
        if not told:
            return self._own.rows(name, values)
        every = LiveTable(self._clock)
        # A student changes hands now and then: the worker that says more of the same is not told from the other one.
        every.reconcile([*told, *self._own.about(subject)], self._clock())
        return every.rows(name, values)


class SharedPulse:
    """The pulse of all workers together."""

    def __init__(self, own: Pulse, sessions: Callable[[], int], looks: Looks) -> None:
        self._own, self._sessions, self._looks = own, sessions, looks

    def taken(self) -> Taken:
        """The rate of all, and the delay of the slowest."""
        own, others = self._own.taken(), self._looks.ask(PLATFORM)
        delays = [delay for delay in (own.delay, *(each.delay for each in others)) if delay is not None]
        return Taken(own.per_second + sum(each.per_second for each in others), max(delays, default=None))

    def active_sessions(self) -> int:
        """How many sessions go on."""
        return self._sessions() + sum(each.sessions for each in self._looks.ask(PLATFORM))

    def minutes(self) -> list[PulseMinute]:
        """The last hour, as far as any of them goes back."""
        found = dict(self._own.minutes())
        for news in self._looks.ask(PLATFORM):
            for minute, events in news.minutes:
                found[minute] = found.get(minute, 0) + events
        return [PulseMinute(minute, found[minute]) for minute in sorted(found)]


class _Said(NamedTuple):
    """What this worker said of one subject, and when."""

    at: float
    packed: bytes
    outputs: dict[bytes, Output]


class LiveTeller:
    """Tells the other processes what this worker knows of what is looked at, when it has changed.

    :param changed: is given courses with their students where something has changed since it was last told, so that
        pages fetch it
    """

    def __init__(
        self,
        own: LiveTable,
        pulse: Pulse,
        board: LiveBoard,
        changed: Callable[[Collection[tuple[str, bytes]]], None],
    ) -> None:
        self._own, self._pulse, self._board, self._changed = own, pulse, board, changed
        self._told: dict[str, _Said] = {}

    def turn(self) -> None:
        """Answer all looks."""
        wanted = self._board.wanted()
        told = {subject: self._say(subject) for subject in wanted}
        due = {subject: said for subject, said in told.items() if self._is_due(subject, said)}
        if due:
            self._board.tell({subject: said.packed for subject, said in due.items()})
        touched = set[tuple[str, bytes]]()
        for subject, said in due.items():
            if before := self._told.get(subject):
                touched |= _differing(before.outputs, said.outputs)
        self._told = {subject: self._told[subject] for subject in wanted if subject in self._told} | due
        if touched:
            self._changed(touched)

    def _say(self, subject: str) -> _Said:
        if subject == PLATFORM:
            return _Said(time.monotonic(), _encode(self._platform()), {})
        outputs = {each.output_id: each for each in self._own.about(subject)}
        return _Said(time.monotonic(), _encode(LiveNews(_pack_outputs(outputs.values()))), outputs)

    def _is_due(self, subject: str, said: _Said) -> bool:
        before = self._told.get(subject)
        return before is None or before.packed != said.packed or said.at - before.at >= _TELL_AGAIN

    def _platform(self) -> LiveNews:
        taken = self._pulse.taken()
        return LiveNews(
            sessions=self._own.active_sessions(),
            per_second=taken.per_second,
            delay=taken.delay,
            minutes=self._pulse.minutes(),
        )


def _differing(before: Mapping[bytes, Output], now: Mapping[bytes, Output]) -> set[tuple[str, bytes]]:
    changed = [
        output
        for key in before.keys() | now.keys()
        if before.get(key) != now.get(key)
        for output in (before.get(key), now.get(key))
    ]
    values = [output.value for output in changed if output and isinstance(output.value, LiveValue)]
    return {(value.course_id, value.student_id) for value in values}


def _pack_outputs(outputs: Iterable[Output]) -> list[LiveOutput]:
    ordered = sorted(outputs, key=lambda each: each.output_id)
    return [LiveOutput(*output[:3], msgspec.Raw(_encode(output.value))) for output in ordered]


def _understood(said: Iterable[bytes]) -> Iterator[LiveNews]:
    for each in said:
        # What a worker of another release says is left out where it cannot be read, like that of one who is silent.
        with suppress(msgspec.MsgspecError):
            yield _decode(each)


def _open_outputs(outputs: Iterable[LiveOutput]) -> list[Output]:
    # A worker of another release may speak of kinds that this one does not know.
    return [
        Output(
            each.output_id, each.kind, each.until, msgspec.msgpack.decode(each.value, type=KINDS[each.kind])
        )
        for each in outputs
        if each.kind in KINDS
    ]
