"""Processors in an engine of their own: the pipeline feeds it, and what it says goes to the same sinks."""

from __future__ import annotations

import secrets
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

import structlog

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.positions import Position, start
from coursepulse.stream.feed import (
    NOBODY,
    FedKind,
    FedRecord,
    OutputReader,
    SaidRecord,
    open_said,
    pack_fed,
)
from coursepulse.stream.processor import STUDENT_BYTES, Admits, Output, OutputSink
from coursepulse.stream.runners.outbox import Outbox
from coursepulse.stream.snapshots import Snapshot, SnapshotFile

_log = structlog.get_logger(__name__)

#: The name and version under which outputs are saved.
_OUTPUTS, _VERSIONS = "outputs", {"outputs": 1}

#: Marks, each with a key of its own: so many reach every part of an engine that divides keys among up to 8 of them.
_MARKS = 64

#: Seconds to wait for what is said, and after a sink was away.
_WAIT = 0.5

#: A position after every event: the engine has all that was served.
_EVERYTHING = (1 << 43) - 1


class Sent(NamedTuple):
    """A record for an engine.

    :param now: its moment, by which the engine knows that time has passed
    """

    body: bytes
    now: Micros


class Heard(NamedTuple):
    """A record from an engine, and where it stands among all of them."""

    offset: int
    body: bytes


class Engine(Protocol):
    """The way to an engine, and back."""

    def is_new(self, partition: int) -> bool:
        """Nothing has ever been sent for this partition of the log.

        :raises StoreUnavailable: when it does not answer
        """

    def send(self, partition: int, records: Sequence[Sent]) -> None:
        """Returns once these cannot get lost, and come in this order.

        :raises StoreUnavailable: some of them may come nevertheless; sending them again does no harm
        """

    def listen(self, after: int) -> None:
        """Go on behind this offset; -1 is the beginning of what is still kept."""

    def hear(self, seconds: float) -> list[Heard]:
        """What was said next; nothing if nothing comes for so long.

        :raises StoreUnavailable: when it does not answer
        """

    def close(self) -> None:
        """Give connections up."""


class FedFacts(NamedTuple):
    """What processors look up besides the events, for those of one student.

    :param kept: by the name under which the engine keeps it of the student
    """

    kept: dict[str, bytes]
    passing: bytes


class FactsSource(Protocol):
    """What the catalog and the settings say."""

    def of_events(self, events: Collection[Event]) -> FedFacts:
        """What processors ask about these events of a student."""

    def of_outputs(self, outputs: Collection[Output]) -> FedFacts:
        """What may have changed about these outputs of a student."""


class NoFacts:
    """For processors that look nothing up."""

    def of_events(self, events: Collection[Event]) -> FedFacts:  # noqa: ARG002
        return FedFacts({}, b"")

    def of_outputs(self, outputs: Collection[Output]) -> FedFacts:  # noqa: ARG002
        return FedFacts({}, b"")


class KnownOutputs:
    """What an engine has said and may still change, by student and id.

    :param lateness: the longest of all processors
    """

    def __init__(self, reader: OutputReader, outbox: Outbox, lateness: Micros) -> None:
        self._reader, self._outbox, self._lateness = reader, outbox, lateness
        self._kept: dict[bytes, bytes] = {}
        self.now: Micros = 0

    def restore(self, kept: dict[bytes, bytes], now: Micros) -> None:
        """Go on with what :meth:`capture` gave."""
        self._kept, self.now = kept, now

    def capture(self) -> dict[bytes, bytes]:
        """Everything that may still change."""
        horizon = self.now - self._lateness
        self._kept = {
            key: kept for key, kept in self._kept.items() if self._reader.find(kept).until >= horizon
        }
        return dict(self._kept)

    def take(self, said: SaidRecord) -> None:
        """Note what has changed."""
        self.now = max(self.now, said.now)
        before = [Output(output_id, kind, 0, None) for output_id, kind in said.withdrawn]
        after = [self._reader.open(each) for each in said.put]
        # What only other facts have ended may be over or untrue: reconciling tells sinks which.
        self._outbox.add(before if said.told_by is not FedKind.FACTS else (), after, 0)
        for output_id, _ in said.withdrawn:
            self._kept.pop(said.student + output_id, None)
        self._kept |= {said.student + each.output_id: self._reader.keep(each) for each in said.put}

    def drop(self, student: bytes, now: Micros) -> int:
        """Know nothing about a student, and withdraw what could still change; returns how many outputs that were."""
        keys = [key for key in self._kept if key.startswith(student)]
        self._outbox.add([self._reader.find(self._kept.pop(key)) for key in keys], (), now)
        return len(keys)

    def by_student(self) -> dict[bytes, list[Output]]:
        """All of them."""
        found: dict[bytes, list[Output]] = defaultdict(list)
        for key, kept in list(self._kept.items()):
            found[key[:STUDENT_BYTES]].append(self._reader.find(kept))
        return found


class EngineRunner:
    """A :class:`coursepulse.stream.runners.port.Runner` that has the work done elsewhere.

    The pipeline feeds what processors may see: each event once, sound, and only of students who are admitted. So an
    engine needs to know nothing of consent, and what is forgotten or renewed comes in order with the events.

    :param file: where outputs are saved that may still change; None keeps them in memory only
    :param alone: what is said is heard in a thread; otherwise at every call
    """

    def __init__(
        self,
        engine: Engine,
        sinks: Sequence[OutputSink],
        reader: OutputReader,
        *,
        lateness: Micros,
        facts: FactsSource | None = None,
        file: SnapshotFile | None = None,
        admits: Admits = lambda _: True,
        alone: bool = True,
    ) -> None:
        self._engine, self._facts, self._file, self._admits = engine, facts or NoFacts(), file, admits
        self._outbox = Outbox(sinks)
        self._known = KnownOutputs(reader, self._outbox, lateness)
        self._partition, self._now = 0, 0
        self._alone = alone
        self._heard_at, self._marks = -1, set[bytes]()
        # How many answers about students who are to be forgotten have not come yet.
        self._forgotten = Counter[bytes]()
        # The pipeline, erasures and what is heard meet here.
        self._feeding, self._hearing = threading.Lock(), threading.Lock()
        self._stopping = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="processors-listen", daemon=True)

    @property
    def caught_up(self) -> bool:
        """Everything that was sent before the last :meth:`reconcile` has been answered, and sinks know."""
        return not self._marks

    @property
    def awaits_answers(self) -> bool:
        """Whether the engine has still to forget somebody."""
        return bool(self._forgotten)

    def restore(self, partition: int) -> Position:
        new, self._partition = self._engine.is_new(partition), partition
        saved = self._file.read(_VERSIONS) if self._file else None
        if saved is not None:
            self._heard_at = saved.position.offset - 1
            self._known.restore(saved.states[_OUTPUTS], saved.now)
        self._engine.listen(self._heard_at)
        if self._alone:
            self._listener.start()
        # An engine that has seen nothing learns what the log still has.
        return start(partition) if new else Position(partition, _EVERYTHING)

    def process(self, events: Collection[Event]) -> None:
        with self._feeding:
            before, now = self._now, max((event.received_at for event in events), default=0)
            now = max(before, now)
            divided: dict[bytes, list[Event]] = defaultdict(list)
            for event in events:
                if self._admits(event.student_id):
                    divided[event.student_id].append(event)
            records = [self._feed_events(student, some, before, now) for student, some in divided.items()]
            self._send([*records, self._feed(NOBODY, FedKind.TIME, now)], now)
        self._hear_now()

    def tick(self, now: Micros) -> None:
        with self._feeding:
            now = max(self._now, now)
            self._send([self._feed(NOBODY, FedKind.TIME, now)], now)
        self._hear_now()

    def reconcile(self) -> None:
        with self._hearing:
            known = self._known.by_student()
            self._marks = {secrets.token_bytes(STUDENT_BYTES) for _ in range(_MARKS)}
            marks = list(self._marks)
        with self._feeding:
            now = self._now
            again = [self._feed_facts(student, outputs, now) for student, outputs in known.items()]
            self._send([*again, *(self._feed(mark, FedKind.MARK, now) for mark in marks)], now)
        self._hear_now()

    def save(self, position: Position, *, last: bool = False) -> None:  # noqa: ARG002
        if last:
            self._stopping.set()
            if self._listener.is_alive():
                self._listener.join()
            self._save(last=True)
            self._engine.close()
        elif not self._alone:
            self._save()

    def forget(self, student: bytes) -> int:
        """Sinks learn it now, the engine once it reads it. Until then, what it says of the student is not heard."""
        with self._hearing:
            outputs = self._known.drop(student, self._now)
            self._forgotten[student] += 1
            if self._file is not None:
                self._file.forget()
        with self._feeding:
            self._send([self._feed(student, FedKind.FORGET, self._now)], self._now)
        with self._hearing:
            self._outbox.send()
        self._hear_now()
        return outputs

    def renew(self, student: bytes, events: Sequence[Event]) -> None:
        sound = [event for event in events if self._admits(event.student_id)]
        facts = self._facts.of_events(sound)
        with self._feeding:
            now = max([self._now, *(event.received_at for event in sound)])
            record = FedRecord(
                FedKind.RENEW, self._partition, self._now, now, tuple(sound), facts.kept, facts.passing
            )
            self._send(
                [Sent(pack_fed(student, record), self._now), self._feed(NOBODY, FedKind.TIME, now)], now
            )
        self._hear_now()

    def pump(self, seconds: float) -> bool:
        """Take in what was said next; returns whether anything was.

        :raises StoreUnavailable: from the engine, or from a sink; its changes are told at the next call
        """
        heard = self._engine.hear(seconds)
        with self._hearing:
            for one in heard:
                self._take(open_said(one.body))
                self._heard_at = one.offset
            self._outbox.send()
        return bool(heard)

    def _take(self, said: SaidRecord) -> None:
        # Other partitions have pipelines of their own, which hear the same.
        if said.partition != self._partition:
            return
        if said.told_by is FedKind.MARK:
            self._mark(said.student)
            return
        if said.told_by is FedKind.FORGET:
            self._note_forgotten(said.student)
        elif said.student in self._forgotten:
            return
        self._known.take(said)

    def _note_forgotten(self, student: bytes) -> None:
        self._known.drop(student, self._now)
        self._forgotten[student] -= 1
        if self._forgotten[student] <= 0:
            del self._forgotten[student]

    def _mark(self, mark: bytes) -> None:
        if mark not in self._marks:
            return
        self._marks.discard(mark)
        if not self._marks:
            outputs = [output for some in self._known.by_student().values() for output in some]
            self._outbox.send()
            self._outbox.reconcile(outputs, self._now)

    def _hear_now(self) -> None:
        while not self._alone and self.pump(0):
            pass

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self.pump(_WAIT):
                    self._save()
            except StoreUnavailable as error:
                _log.warning("processors_wait", error=str(error))
                self._stopping.wait(_WAIT)

    def _save(self, *, last: bool = False) -> None:
        if self._file is None or not (last or self._file.due):
            return
        with self._hearing:
            position = Position(0, self._heard_at + 1)
            snapshot = Snapshot(position, self._known.now, _VERSIONS, {_OUTPUTS: self._known.capture()})
        self._file.write(snapshot)
        if last:
            self._file.close()

    def _feed_events(self, student: bytes, events: Sequence[Event], before: Micros, now: Micros) -> Sent:
        facts = self._facts.of_events(events)
        record = FedRecord(
            FedKind.EVENTS, self._partition, before, now, tuple(events), facts.kept, facts.passing
        )
        # Time has passed only once all events of the batch are there: the record of the time says so.
        return Sent(pack_fed(student, record), before)

    def _feed_facts(self, student: bytes, outputs: Sequence[Output], now: Micros) -> Sent:
        facts = self._facts.of_outputs(outputs)
        record = FedRecord(FedKind.FACTS, self._partition, now, now, (), facts.kept, facts.passing)
        return Sent(pack_fed(student, record), now)

    def _feed(self, key: bytes, kind: FedKind, now: Micros) -> Sent:
        return Sent(pack_fed(key, FedRecord(kind, self._partition, now, now)), now)

    def _send(self, records: Sequence[Sent], now: Micros) -> None:
        self._engine.send(self._partition, records)
        # Only now: what could not be sent comes again, and must not look late then.
        self._now = now
