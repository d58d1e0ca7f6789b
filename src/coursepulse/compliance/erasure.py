"""Erasing a student: every store that holds something about one, in an order that a crash cannot spoil."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.live import LiveTable
from coursepulse.aggregates.rollups import Rollups
from coursepulse.aggregates.work_tables import Desk
from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.collect.remote_worker import RemoteWorker
from coursepulse.events.event import Event
from coursepulse.kit.clock import Clock
from coursepulse.log.port import EventLog
from coursepulse.log.positions import Position
from coursepulse.privacy.anonymise import anonymise_event
from coursepulse.privacy.consent import ConsentDecision, Purpose
from coursepulse.privacy.erasable import DataSubject, Erasable, Erased, ErasureMode, merge_receipts
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.privacy.traces import Traces
from coursepulse.store.archives import Archives
from coursepulse.store.clickhouse.erasure import ClickhouseErasure
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.store.import_notes import ImportErasure
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.erasure import PostgresErasure, Sweep
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.records import Records
from coursepulse.store.postgres.requests import Open, RequestStore
from coursepulse.store.postgres.tombstones import Tombstones
from coursepulse.store.spools import SpoolErasure
from coursepulse.stream.stages import SERVED
from coursepulse.stream.worker import PartitionWorker

#: Seconds to wait for the pipeline to come to rest before trying again at the next turn.
_PATIENCE = 10.0

#: Seconds after which every collector has heard of a withdrawn consent.
_HEARD = 1.0


class Stores(NamedTuple):
    """Everything that holds something about students.

    :param forget: empties what the pipeline keeps in memory of the students at work; while it rests
    :param desk: the work tables of this process
    :param drop_alerts: removes alerts about students, and tells open screens
    :param forget_results: empties the result cache
    :param outside: copies that this process does not serve from
    :param pool: connections of the service
    :param owner: connections of the owner of the tables, who alone may write their files anew
    """

    pool: Pool
    owner: Pool
    open_clickhouse: Callable[[], Client]
    desk: Desk
    log: EventLog
    dead_letters: DeadLetterQueue
    consents: ConsentFile
    pseudonyms: Pseudonyms
    worker: RemoteWorker
    campus: CampusStore
    raw: PostgresRawStore
    records: Records
    spools: SpoolErasure
    imports: ImportErasure
    archives: Archives
    pipeline: PartitionWorker
    live: LiveTable
    forget: Callable[[], None]
    drop_alerts: Callable[[Collection[bytes]], int]
    forget_results: Callable[[], None]
    not_agreed: NotAgreed
    learning: threading.Lock
    profiling: threading.Lock
    outside: Sequence[Erasable] = ()


class LogErasure:
    """The event log within its retention, up to positions that the pipeline has finished."""

    def __init__(self, log: EventLog, up_to: Collection[Position]) -> None:
        self._log, self._up_to = log, up_to

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:
        def change(event: Event) -> Event | None:
            return anonymise_event(event, who) if mode is ErasureMode.ANONYMISE else None

        events = self._log.erase(who.student, self._up_to, change)
        return [Erased("event log", events, self._log.erasure)]


class DeadLetterErasure:
    """Refused events: they count nowhere, so they go in both modes."""

    def __init__(self, dead_letters: DeadLetterQueue) -> None:
        self._dead_letters = dead_letters

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:  # noqa: ARG002
        return [Erased("dead letters", self._dead_letters.forget(Traces(who)), "removed")]


class CollectorErasure:
    """What the collector remembers: consents on disk and in memory, and pseudonyms seen lately."""

    def __init__(self, consents: ConsentFile, pseudonyms: Pseudonyms, worker: RemoteWorker) -> None:
        self._consents, self._pseudonyms, self._worker = consents, pseudonyms, worker

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:  # noqa: ARG002
        known = any(self._consents.register.allows(who.student, purpose) for purpose in Purpose)
        self._consents.record(ConsentDecision(who.student, purpose, granted=False) for purpose in Purpose)
        self._pseudonyms.forget()
        self._worker.forget()
        note = "consents withdrawn: behavioural events are refused; essential ones begin a new record"
        return [Erased("collector", int(known), note)]


class Erasures:
    """Works on requests for erasure. Whatever a crash left of one is finished by working on it again.

    The order: first the collector, so that nothing new comes in; then, with the pipeline at rest, the stores of record
    before those that follow them; then the log; last the free space of all files, which needs no name.
    """

    def __init__(self, stores: Stores, requests: RequestStore, clock: Clock) -> None:
        self._stores, self._requests, self._clock = stores, requests, clock

    def work(self, wanted: Open) -> None:
        """Finish a request.

        :raises StoreUnavailable: it is to be worked on again
        """
        receipt = wanted.receipt
        days = wanted.days
        if wanted.who is not None:
            for lines in self._erase(wanted, wanted.who):
                receipt = merge_receipts(receipt, lines)
                self._requests.note(wanted.request, receipt)
            days = self._requests.add_days(wanted.request, [])
            self._requests.forget(wanted.request)
        for lines in Sweep(self._stores.owner).run(days):
            receipt = merge_receipts(receipt, lines)
            self._requests.note(wanted.request, receipt)
        self._requests.finish(wanted.request, receipt, self._clock())

    def _erase(self, wanted: Open, who: DataSubject) -> Iterator[list[Erased]]:
        stores, mode = self._stores, ErasureMode(wanted.mode)
        yield CollectorErasure(stores.consents, stores.pseudonyms, stores.worker).erase(who, mode)
        # Before the consents are taken back, which would remove all this uncounted.
        yield [Erased("PostgreSQL alerts", stores.drop_alerts([who.student]), "removed")]
        yield [self._drop_state(who)]
        self._withdraw(who, wanted.asked_at)
        with self._rest() as up_to:
            yield from self._erase_stores(wanted.request, who, mode)
        # With the stores done: what was answered while they were being emptied may still hold the student.
        stores.forget_results()
        files: list[Erasable] = [
            LogErasure(stores.log, up_to),
            DeadLetterErasure(stores.dead_letters),
            stores.spools,
            stores.imports,
            *stores.outside,
        ]
        for file in files:
            yield file.erase(who, mode)

    def _erase_stores(self, request: UUID, who: DataSubject, mode: ErasureMode) -> Iterator[list[Erased]]:
        """The databases, with the pipeline at rest: none may see a row that another has lost."""
        stores = self._stores
        postgres, clickhouse = (
            PostgresErasure(stores.pool, request),
            ClickhouseErasure(stores.open_clickhouse()),
        )
        stores.records.keep()
        days = self._requests.add_days(request, sorted({*postgres.days(who), *clickhouse.days(who)}))
        yield stores.archives.remove(self._requests.exports_of(who.student))
        yield postgres.erase(who, mode)
        stores.campus.publish()
        # The rollups of learners follow at their own pace; nobody would bring rows without a student up to date.
        learners = [(course, who.student) for course in clickhouse.courses(who)]
        LearnerRollups(stores.open_clickhouse(), stores.desk).refresh(
            learners, stores.raw.position(SERVED), awaited=True
        )
        yield clickhouse.erase(who, mode)
        stores.forget()
        # What was on its way at the first time has arrived.
        yield [self._drop_state(who)]
        stores.not_agreed.replace(
            who.student, who.replacement, agreed=mode is ErasureMode.DELETE or postgres.agreed(who)
        )
        # In either mode: while the consents were taken back, these days counted without the student.
        if days:
            Rollups(stores.open_clickhouse()).refresh_platform(days, stores.raw.position(SERVED))

    def _drop_state(self, who: DataSubject) -> Erased:
        keys = self._stores.pipeline.forget(who.student) + self._stores.live.forget(who.student)
        return Erased("stream processors", keys, "live state was dropped, saved state removed")

    def _withdraw(self, who: DataSubject, at: datetime) -> None:
        Tombstones(self._stores.pool).add(who.student, self._stores.pseudonyms.tombstone(who.student), at)
        # Collector on other machines ask PostgreSQL; what they let in meanwhile belongs to the old record.
        time.sleep(_HEARD)

    @contextmanager
    def _rest(self) -> Iterator[Collection[Position]]:
        up_to = self._stores.log.newest()
        with self._stores.pipeline.held(up_to, _PATIENCE), self._stores.learning, self._stores.profiling:
            yield up_to
