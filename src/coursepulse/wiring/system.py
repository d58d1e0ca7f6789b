"""The running system: what is opened in which order, and closed in the opposite one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import date
from typing import Any

from clickhouse_connect.driver.client import Client

from coursepulse.access.viewer import Role
from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.audit.chain import derive_key
from coursepulse.audit.entry import Entry
from coursepulse.campus.catalog import Catalog
from coursepulse.collect.collector import Collector
from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.dead_letters import DeadLetterQueue, SqliteDeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import PIPELINE_SOURCE, open_keys
from coursepulse.collect.poison import bytes_to_dead_letter, to_dead_letter
from coursepulse.collect.remote_worker import RemoteWorker
from coursepulse.compliance.consent_changes import Agreement
from coursepulse.compliance.erasure import Erasures, Stores
from coursepulse.compliance.exports import Exports
from coursepulse.compliance.requests import ERASURE, EXPORT, PrivacyRequests
from coursepulse.compliance.retention import Retention
from coursepulse.compliance.withdrawals import Withdrawals
from coursepulse.events.event import Event
from coursepulse.jobs.followers import (
    LearnerFollower,
    PlatformFollower,
    ProfileFollower,
    RosterFollower,
    in_turn,
)
from coursepulse.jobs.scheduler import Job, Scheduler
from coursepulse.kit.clock import SteadyClock, system_clock
from coursepulse.kit.settings import Settings, describe
from coursepulse.log import open_log
from coursepulse.log.port import EventLog
from coursepulse.metrics.profiles import Profiles
from coursepulse.metrics.run import Metrics
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.privacy.small_groups import SmallGroups
from coursepulse.store.anchor import AnchorFile
from coursepulse.store.archives import Archives
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.clickhouse.dimensions import Dimensions
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.store.clickhouse.roster import RosterCopy
from coursepulse.store.import_notes import ImportErasure
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.break_glass import BreakGlass
from coursepulse.store.postgres.campus import CampusStore, ConsentFeed
from coursepulse.store.postgres.compliance import ComplianceRows
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.enrolments import RosterFeed
from coursepulse.store.postgres.raw import RawStore
from coursepulse.store.postgres.records import Records
from coursepulse.store.postgres.relations import Relations
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.store.postgres.retention import RetentionRuns
from coursepulse.store.postgres.trail import PostgresTrail
from coursepulse.store.presence import Presence
from coursepulse.store.secret import read_secret
from coursepulse.store.spools import SpoolErasure
from coursepulse.stream.changed_keys import ChangedKeys
from coursepulse.stream.pipeline import SERVED, Pipeline
from coursepulse.web.http.services import Services
from coursepulse.wiring.health import Health
from coursepulse.wiring.identity import KEY_PACE, identity_jobs, open_identity, open_key_room

#: Seconds after which a request about a student's data is taken up.
PRIVACY_PACE = 0.5

#: Seconds within which a changed consent reaches the collector.
CONSENT_PACE = 0.5

#: Seconds of the trail's newest entries that could be cut off unnoticed.
ANCHOR_PACE = 10.0

#: Seconds within which a changed enrolment is taken in where numbers are made.
ROSTER_PACE = 0.5

#: Seconds between two turns of the rollups of learners.
LEARNERS_PACE = 0.1


#: Connections for exports and walks of the trail: that many go on side by side.
_SLOW = 2


class System:
    """Everything that one process runs, wired from settings.

    :raises SettingError: at :meth:`start`, naming the setting that cannot be used
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open = ExitStack()
        self._dsn = "" if settings.postgres == "embedded" else settings.postgres
        # Whoever has it may write the rollups of learners, or take a student out of them.
        self._learning = threading.Lock()
        # The same of profiles: numbers to date must not wait for them.
        self._profiling = threading.Lock()
        self._dimensions = Dimensions(self._open_clickhouse)
        # Lessons or lengths of videos may have changed since the rollups of learners looked; at a start they may.
        self._catalog_changed = threading.Event()
        self._catalog_changed.set()

    def start(self, *, collect_only: bool = False) -> Services:
        """Open the stores, begin to work, and hand out what requests need."""
        try:
            return self._start(collect_only=collect_only)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Close everything in the opposite order; what is unfinished is read again at the next start."""
        self._open.close()

    def migrate(self) -> list[str]:
        """Bring both databases up to this version; returns what was applied, each with its database."""
        with self._open:
            self._claim()
            pool = self._open_pool()
            applied = [f"PostgreSQL {name}" for name in postgres.migrate(pool)]
            return applied + [f"ClickHouse {name}" for name in clickhouse.migrate(self._open_clickhouse())]

    def rebuild(self, watch: Callable[[list[date]], Iterable[date]] = iter) -> int:
        """Compute the rollups of every day with raw events again; returns the number of days.

        :param watch: is given the days, and sees each one begin
        """
        with self._open:
            self._claim()
            pool, client = self._open_pool(), self._open_clickhouse()
            rollups = Rollups(client)
            days = rollups.raw_days()
            cycle = RawStore(pool).position(SERVED) + 1
            rollups.rebuild(watch(days), cycle)
            rollups.refresh_platform(days, cycle)
            learners = LearnerRollups(client)
            learners.rebuild(cycle)
            learners.refresh_catalog(cycle)
            Profiles(self._open_clickhouse, self._open_pool(postgres.SERVICE)).rebuild(cycle)
            return len(days)

    def _claim(self) -> None:
        presence = Presence(self._settings.data)
        presence.claim()
        self._open.callback(presence.leave)

    def _start(self, *, collect_only: bool) -> Services:
        settings = self._settings
        log, (pool, readers), dead_letters = (
            self._open_log(),
            self._open_postgres(),
            self._open_dead_letters(),
        )
        secret = read_secret(settings)
        pseudonyms, ring = Pseudonyms(secret), open_keys(settings)
        trail = self._open_trail(pool, secret)
        keys = open_key_room(settings, pool, ring, system_clock)
        identity = open_identity(settings, pool, keys, pseudonyms.of, secret, system_clock)
        if identity.provider:
            self._open.callback(identity.provider.close)
        consents = ConsentFile(settings.data / "log" / "consents.bin")
        feed = ConsentFeed(pool, consents.record)
        feed.poll()
        worker = self._start_worker(secret)
        consents.tell(worker.decide)
        collector = Collector(
            log=log,
            keys=ring,
            worker=worker,
            dead_letters=dead_letters,
            keeping=Keeping(pseudonyms, consents.register, settings),
            clock=system_clock,
            settings=settings,
        )
        campus = CampusStore(pool, pseudonyms, None if collect_only else self._publish)
        heard = [Job("consents", CONSENT_PACE, feed.poll), Job("keys", KEY_PACE, keys.feed.poll)]
        jobs = identity_jobs(identity, keys, system_clock)
        relations = Relations(pool, system_clock)
        groups = SmallGroups(settings.small_group, secret)
        metrics = Metrics(
            self._open_clickhouse, readers, system_clock, pseudonyms.of, trail, relations, groups
        )
        privacy: PrivacyRequests | None = None
        withdrawals: Withdrawals | None = None
        health: Callable[[], dict[str, Any]] = Health(pool).report
        if not collect_only:
            # The views of the metrics name this table, so the schema comes first.
            clickhouse.migrate(self._open_clickhouse())
            not_agreed, changed_keys = NotAgreed(self._open_clickhouse(), consents.register), ChangedKeys()
            reach = Agreement(
                not_agreed, Profiles(self._open_clickhouse, pool), changed_keys, consents.register, feed.poll
            )
            not_agreed.check_all()
            heard.append(Job("consents_of_numbers", CONSENT_PACE, ConsentFeed(pool, reach.apply).poll))
            # Those who do not agree are left out from their first event on.
            rollups = Rollups(
                *(self._open_clickhouse(), self._catalog_changed.set),
                check=not_agreed.check,
                inserter=self._open_clickhouse(),
            )
            pipeline, more = self._start_pipeline(
                *(log, pool, dead_letters, campus, trail, rollups, changed_keys, not_agreed.check)
            )
            jobs += more
            health = Health(pool, self._open_clickhouse, pipeline).report
            privacy, withdrawals = self._open_requests(
                *(
                    pool,
                    pipeline,
                    rollups,
                    log,
                    dead_letters,
                    consents,
                    pseudonyms,
                    campus,
                    metrics,
                    not_agreed,
                ),
                *(trail, worker),
            )
            jobs.append(Job("privacy", PRIVACY_PACE, privacy.work))
        # A scheduler of their own: a withdrawn consent must not wait behind a slow job.
        self._schedule(heard)
        self._schedule([*jobs, Job("audit_anchor", ANCHOR_PACE, trail.drop_anchor)])
        return Services(
            settings,
            system_clock,
            collector,
            metrics,
            campus,
            health,
            identity=identity,
            relations=relations,
            break_glass=BreakGlass(pool),
            trail=trail,
            compliance=ComplianceRows(pool),
            privacy=privacy,
            withdrawals=withdrawals,
        )

    def _open_requests(
        self,
        pool: Pool,
        pipeline: Pipeline,
        rollups: Rollups,
        log: EventLog,
        dead_letters: DeadLetterQueue,
        consents: ConsentFile,
        pseudonyms: Pseudonyms,
        campus: CampusStore,
        metrics: Metrics,
        not_agreed: NotAgreed,
        trail: PostgresTrail,
        worker: RemoteWorker,
    ) -> tuple[PrivacyRequests, Withdrawals]:
        raw = RawStore(pool)
        requests, archives = RequestStore(pool), Archives(self._settings.data / "exports")
        stores = Stores(
            pool=pool,
            owner=self._open_pool(),
            open_clickhouse=self._open_clickhouse,
            log=log,
            dead_letters=dead_letters,
            consents=consents,
            pseudonyms=pseudonyms,
            worker=worker,
            campus=campus,
            raw=raw,
            records=Records(pool, raw, system_clock),
            spools=SpoolErasure(self._settings.data),
            imports=ImportErasure(self._settings.data / "imports"),
            archives=archives,
            pipeline=pipeline,
            forget=rollups.forget,
            not_agreed=not_agreed,
            learning=self._learning,
            profiling=self._profiling,
        )
        exports = Exports(pool, self._open_clickhouse, dead_letters, archives, requests, trail, system_clock)
        work = {ERASURE: Erasures(stores, requests, system_clock).work, EXPORT: exports.work}
        privacy = PrivacyRequests(
            requests, archives, RetentionRuns(pool), metrics.identify, work, system_clock
        )
        return privacy, Withdrawals(stores)

    def _open_trail(self, pool: Pool, secret: bytes) -> PostgresTrail:
        head = AnchorFile(self._settings.data / "log" / "audit.head")
        slow = postgres.open_pool(self._find_postgres(), role=postgres.SERVICE, size=_SLOW)
        trail = PostgresTrail(pool, derive_key(secret), head, self._open.enter_context(slow))
        self._open.callback(trail.close)
        # A setting changes with a start and at no other time.
        tag, chosen = "settings:server:start", describe(self._settings)
        trail.write(Entry(at=system_clock(), actor="server", role=Role.SERVICE.value, tag=tag, detail=chosen))
        return trail

    def _publish(self, catalog: Catalog) -> None:
        self._dimensions.replace(catalog)
        self._catalog_changed.set()

    def _start_worker(self, secret: bytes) -> RemoteWorker:
        worker = RemoteWorker(self._settings, secret)
        self._open.callback(worker.stop)
        worker.start()
        return worker

    def _schedule(self, jobs: list[Job]) -> None:
        scheduler = Scheduler(jobs)
        scheduler.start()
        self._open.callback(scheduler.stop)

    def _open_log(self) -> EventLog:
        log = open_log(self._settings.log_url)
        self._open.callback(log.close)
        return log

    def _open_dead_letters(self) -> DeadLetterQueue:
        dead_letters = SqliteDeadLetterQueue(self._settings.data / "log" / "dead-letters.sqlite")
        self._open.callback(dead_letters.close)
        return dead_letters

    def _open_postgres(self) -> tuple[Pool, Pool]:
        """Connections of the service, and of those who only read, as roles that own nothing."""
        dsn = self._find_postgres()
        with postgres.open_pool(dsn, size=1) as owner:
            postgres.migrate(owner)
        service, app = (postgres.open_pool(dsn, role=role) for role in (postgres.SERVICE, postgres.APP))
        return self._open.enter_context(service), self._open.enter_context(app)

    def _open_pool(self, role: str = "") -> Pool:
        """Connections for migrations and rebuilding; of the owner, unless a role is named."""
        return self._open.enter_context(postgres.open_pool(self._find_postgres(), role=role))

    def _find_postgres(self) -> str:
        if not self._dsn:
            server = EmbeddedPostgres(self._settings.data / "postgres")
            self._open.callback(server.stop)
            self._dsn = server.start()
        return self._dsn

    def _open_clickhouse(self) -> Client:
        return clickhouse.open_clickhouse(self._settings.clickhouse_url, self._settings.clickhouse_memory_mb)

    def _start_pipeline(
        self,
        log: EventLog,
        pool: Pool,
        dead_letters: DeadLetterQueue,
        campus: CampusStore,
        trail: PostgresTrail,
        rollups: Rollups,
        changed_keys: ChangedKeys,
        check: Callable[[list[bytes]], None],
    ) -> tuple[Pipeline, list[Job]]:
        settings = self._settings
        raw = RawStore(pool)
        raw.prepare(system_clock())
        campus.catch_up()

        def refuse(event: Event | bytes, position: int, why: str) -> None:
            dead_letter = (
                to_dead_letter(event, why)
                if isinstance(event, Event)
                else bytes_to_dead_letter(event, position)
            )
            dead_letters.put([dead_letter], system_clock(), PIPELINE_SOURCE)

        pipeline = Pipeline(
            log,
            raw,
            rollups,
            refuse,
            system_clock,
            batch_events=settings.batch_events,
            on_applied=changed_keys.note,
            not_before=served.applied_at if (served := raw.progress(SERVED)) else 0,
        )
        pipeline.start()
        self._open.callback(pipeline.stop)
        follow = PlatformFollower(Rollups(self._open_clickhouse()), changed_keys)
        profiles = ProfileFollower(Profiles(self._open_clickhouse, pool), raw, changed_keys, system_clock)
        learners = LearnerFollower(
            LearnerRollups(self._open_clickhouse()), raw, changed_keys, self._catalog_changed
        )
        roster = RosterFollower(
            *(RosterFeed(pool), RosterCopy(self._open_clickhouse()), LearnerRollups(self._open_clickhouse())),
            *(raw, changed_keys, check),
        )
        # A scheduler of their own: numbers to date must not wait behind profiles.
        self._schedule(
            [
                Job("enrolments", ROSTER_PACE, in_turn(self._learning, roster.refresh)),
                Job("learners", LEARNERS_PACE, in_turn(self._learning, learners.refresh), rest=6.0),
                Job("catalog_of_learners", 2.0, in_turn(self._learning, learners.refresh_catalog), rest=4.0),
            ]
        )
        records = Records(pool, raw, system_clock)
        keep = Retention(
            settings,
            SteadyClock(system_clock),
            raw,
            log,
            Rollups(self._open_clickhouse()),
            dead_letters,
            trail,
            records,
            Archives(settings.data / "exports"),
            RequestStore(pool),
            RetentionRuns(pool),
        )
        return pipeline, [
            Job("platform_days", 2.0, follow.refresh_platform),
            Job("profiles", 5.0, in_turn(self._profiling, profiles.refresh)),
            Job("catalog", 5.0, campus.catch_up),
            Job("academic_records", 60.0, records.keep),
            Job("retention", 3600.0, keep.run),
        ]
