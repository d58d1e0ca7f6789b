"""One import from beginning to end: read, convert, register, send, count."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from coursepulse.events.event import Envelope
from coursepulse.events.reasons import RejectionReason
from coursepulse.formats.outcome import Refused, Skipped
from coursepulse.importers.destination import BrokenRecord, Destination, ServerProgress
from coursepulse.importers.enrolment import Registrar
from coursepulse.importers.progress import Bar
from coursepulse.importers.receipt import ImportReceipt, RefusedRecord
from coursepulse.importers.source import Record, RecordSource
from coursepulse.importers.state import State
from coursepulse.kit.clock import SECOND, Clock, system_clock
from coursepulse.kit.errors import RequestError

BATCH = 2000

#: Beyond this backlog an import waits, so that live events do not queue behind years of history.
_FAR_BEHIND = 200_000

#: Seconds without progress of the pipeline after which an import stops waiting for it.
_PATIENCE = 600.0

#: Seconds until a new consent usually reaches the collector, and until it must have.
_CONSENT_TAKES, _CONSENT_MUST = 2.0, 120.0
_PAUSE = 0.2


class ImportBatch(NamedTuple):
    """Events to send together, each with the place of its record, and the broken records among them."""

    events: list[Envelope]
    places: list[str]
    dead_letters: list[BrokenRecord]
    share: float


def run_import(
    source: RecordSource,
    destination: Destination,
    state_folder: Path,
    *,
    consent: bool = True,
    roster: bool = True,
    clock: Clock = system_clock,
    bar: Bar | None = None,
) -> ImportReceipt:
    """Send everything in a source.

    :param consent: whether the import records that the students agreed to analytics
    :param roster: whether to send people and courses too
    :param state_folder: the folder with the progress of interrupted imports
    :raises CoursepulseError: when a file or the server fails for good; the next run continues from there
    """
    registrar = Registrar(destination, source, clock, consent=consent, roster=roster)
    began = clock()
    receipt = _EventImport(source, destination, State(state_folder, source.fingerprint), registrar, bar).run()
    receipt.consents = receipt.students if consent else 0
    receipt.seconds = round((clock() - began) / SECOND, 3)
    return receipt


class _EventImport:
    def __init__(
        self,
        source: RecordSource,
        destination: Destination,
        state: State,
        registrar: Registrar,
        bar: Bar | None,
    ) -> None:
        self._source = source
        self._destination = destination
        self._state = state
        self._registrar = registrar
        self._bar = bar
        self._receipt = ImportReceipt(format=source.name)
        self._asked: dict[str, bool] = {}

    def run(self) -> ImportReceipt:
        before = self._destination.pipeline()
        self._registrar.publish()
        for batch in self._batches(self._state.load()):
            self._deliver(batch)
        receipt = self._receipt
        receipt.courses = self._registrar.publish()
        receipt.students = self._registrar.students
        taken_back = self._source.withdrawn()
        receipt.withdrawn = self._destination.withdraw(taken_back) if taken_back else 0
        receipt.duplicates = self._count_duplicates(before)
        self._state.forget()
        return receipt

    def _batches(self, acknowledged: int) -> Iterator[ImportBatch]:
        batch = ImportBatch([], [], [], 0.0)
        broken: RequestError | None = None
        try:
            for record in self._source.records():
                self._take(record, batch, acknowledged)
                if len(batch.events) >= BATCH or len(batch.dead_letters) >= BATCH:
                    yield batch._replace(share=record.share)
                    batch = ImportBatch([], [], [], 0.0)
        except RequestError as error:
            # A truncated file: what came before is valid and is sent before the error is raised.
            broken = error
        yield batch._replace(share=1.0)
        if broken:
            raise broken

    def _take(self, record: Record, batch: ImportBatch, acknowledged: int) -> None:
        """Counts a record and puts it into the batch, unless an earlier run has sent it."""
        receipt, outcome = self._receipt, record.outcome
        receipt.read += record.read
        if isinstance(outcome, Skipped):
            receipt.skip(outcome)
        elif isinstance(outcome, Refused):
            receipt.refuse(RefusedRecord(record.place, *outcome))
            if receipt.events >= acknowledged:
                batch.dead_letters.append(BrokenRecord(record.place, *outcome, record.body))
        elif receipt.events + len(outcome) <= acknowledged:
            receipt.events += len(outcome)
            receipt.resumed += len(outcome)
            self._registrar.recall(outcome)
        else:
            receipt.events += len(outcome)
            batch.events.extend(outcome)
            batch.places.extend([record.place] * len(outcome))

    def _deliver(self, batch: ImportBatch) -> None:
        self._destination.put_aside(batch.dead_letters)
        if batch.events:
            self._registrar.admit(batch.events)
            self._send(batch.events, batch.places)
            self._wait_for(_FAR_BEHIND)
            self._state.save(self._receipt.events)
        if self._bar:
            self._bar.show(batch.share, self._receipt.accepted)

    def _send(self, events: list[Envelope], places: list[str]) -> None:
        """Sends until the collector has taken or refused every event for good."""
        began = time.monotonic()
        while events:
            verdicts = self._destination.send(events)
            self._receipt.accepted += len(events) - len(verdicts)
            again = []
            for verdict in verdicts:
                event, place = events[verdict.index], places[verdict.index]
                if self._may_pass(event, verdict.reason, time.monotonic() - began):
                    again.append(verdict.index)
                else:
                    place = place or f"event {event.event_id}"
                    self._receipt.refuse(RefusedRecord(place, verdict.reason, verdict.path, verdict.sentence))
            events, places = [events[index] for index in again], [places[index] for index in again]
            if any(verdict.reason == RejectionReason.OVERLOADED for verdict in verdicts):
                self._wait_for(0)
            elif events:
                time.sleep(_PAUSE)

    def _may_pass(self, event: Envelope, reason: str, waited: float) -> bool:
        """Whether the collector may accept later what it refuses now.

        It sheds events while the pipeline is behind, and learns of a new consent with a short delay.
        """
        if reason == RejectionReason.OVERLOADED:
            return True
        if reason != RejectionReason.NO_CONSENT or not self._registrar.asserts_consent:
            return False
        known = self._asked.get(event.student_id)
        if known is None and waited < _CONSENT_TAKES:
            return True
        return waited < _CONSENT_MUST and self._agreed(event.student_id)

    def _agreed(self, student: str) -> bool:
        """Whether the consent is on record, checked once: if not, the student has withdrawn it since."""
        if student not in self._asked:
            self._asked[student] = self._destination.agreed(student)
        return self._asked[student]

    def _wait_for(self, backlog: int) -> ServerProgress | None:
        """Waits until the pipeline is at most this far behind, as long as it makes progress."""
        now = self._destination.pipeline()
        least, moved = now.lag if now else 0, time.monotonic()
        while now and now.lag > backlog and time.monotonic() - moved < _PATIENCE:
            time.sleep(0.1)
            now = self._destination.pipeline()
            if now and now.lag < least:
                least, moved = now.lag, time.monotonic()
        return now

    def _count_duplicates(self, before: ServerProgress | None) -> int | None:
        """Duplicates are detected when events are stored, so this waits until all are stored.

        The server counts the duplicates of all senders, so with other senders the number is too high.
        """
        if self._bar:
            self._bar.say("storing")
        after = self._wait_for(0)
        if before is None or after is None or after.lag or after.duplicates < before.duplicates:
            return None
        return after.duplicates - before.duplicates
