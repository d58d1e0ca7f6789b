"""The table of components: a name, how it is opened, what starts it and what closes it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import ExitStack

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.live import LiveReader, LiveTable
from coursepulse.aggregates.live_shared import LiveTeller, Looks, SharedLive, SharedPulse
from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.rollups import Rollups
from coursepulse.aggregates.work_tables import Desk, desk_name
from coursepulse.alerts.assessments import KnownAssessments
from coursepulse.alerts.classes import EndedCourses
from coursepulse.alerts.delivery.outbox import MailOutbox
from coursepulse.alerts.delivery.webhook_store import WebhookStore
from coursepulse.alerts.inbox import AlertInbox
from coursepulse.alerts.judges import Judges
from coursepulse.alerts.labels import AlertLabels
from coursepulse.alerts.past import PastLearners
from coursepulse.alerts.port import AlertChanges
from coursepulse.alerts.rights import AlertRights
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.alerts.thresholds import CourseThresholds
from coursepulse.alerts.trials import HISTORY_QUERIES, Trials
from coursepulse.alerts.written import WrittenMessages
from coursepulse.audit.chain import derive_key
from coursepulse.audit.entry import start_of_server
from coursepulse.campus.catalog import CampusCatalog
from coursepulse.collect.collector import Collector
from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import open_keys
from coursepulse.collect.remote_worker import RemoteWorker
from coursepulse.collect.senders import DUPLICATE, SenderBook, SenderTally
from coursepulse.compliance.consent_changes import Agreement
from coursepulse.compliance.erasure import Erasures, Stores
from coursepulse.compliance.exports import Exports
from coursepulse.compliance.reconciliation import Reconciler
from coursepulse.compliance.requests import ERASURE, EXPORT, PrivacyRequests
from coursepulse.compliance.retention import Retention
from coursepulse.compliance.withdrawals import Withdrawals
from coursepulse.definitions.points import points_rule
from coursepulse.insight.desk import ModelDesk
from coursepulse.insight.drift_watch import DriftCount, DriftWatch
from coursepulse.insight.models_kept import ModelsKept
from coursepulse.insight.predictions import Predictions
from coursepulse.insight.registry import open_registry
from coursepulse.insight.scoring import Scoring
from coursepulse.insight.skills.fitter import SkillFitter
from coursepulse.insight.training import RiskTraining
from coursepulse.insight.upkeep import Upkeep
from coursepulse.jobs import followers
from coursepulse.jobs.claims import IntervalPlanner, JobClaims
from coursepulse.jobs.history import JobHistory
from coursepulse.jobs.runs import EmbeddedPlanner, PlannedRuns
from coursepulse.kit.clock import SteadyClock, system_clock
from coursepulse.kit.settings import Settings, describe
from coursepulse.kit.traces import Tracing
from coursepulse.log import open_log
from coursepulse.metrics.cache.cache import VersionedMark
from coursepulse.metrics.cache.port import DataMark
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.pulse import Memory, pulse_of
from coursepulse.metrics.query_times import QueryTimes
from coursepulse.metrics.readers import ROLLUP_QUERIES
from coursepulse.metrics.rights import Rights
from coursepulse.metrics.run import Metrics
from coursepulse.metrics.system import LATELY, system_of
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.privacy.small_groups import SmallGroups
from coursepulse.reports.schedules import ReportSchedules
from coursepulse.store.anchor import AnchorFile
from coursepulse.store.archives import Archives
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.clickhouse.dimensions import Dimensions
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.store.clickhouse.probe import ClickHouseProbe
from coursepulse.store.clickhouse.roster import RosterCopy
from coursepulse.store.import_notes import ImportErasure
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.board_names import BoardNames
from coursepulse.store.postgres.campus import CampusStore, ConsentFeed
from coursepulse.store.postgres.changes import ChangesFeed
from coursepulse.store.postgres.company import CompanyStore
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.enrolments import RosterFeed
from coursepulse.store.postgres.goals import GoalStore
from coursepulse.store.postgres.issued_keys import open_issued_keys
from coursepulse.store.postgres.job_runs import JobRuns
from coursepulse.store.postgres.leases import Leases
from coursepulse.store.postgres.live import LiveBoard
from coursepulse.store.postgres.message_templates import MessageTemplates
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.records import Records
from coursepulse.store.postgres.relations import Relations
from coursepulse.store.postgres.replicas import Replicas, read_addresses
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.store.postgres.retention import RetentionRuns
from coursepulse.store.postgres.revisions import RevisionWatch
from coursepulse.store.postgres.risk_limits import CourseLimits
from coursepulse.store.postgres.sender_counts import SenderCounts
from coursepulse.store.postgres.trail import PostgresTrail
from coursepulse.store.process_name import process_name
from coursepulse.store.redis.address import is_redis
from coursepulse.store.secret import read_secret
from coursepulse.store.sizes import StoreSizes
from coursepulse.store.spools import SpoolErasure
from coursepulse.stream.attention import Attention
from coursepulse.stream.changed_keys import ChangedKeys, Learner
from coursepulse.stream.health import Health
from coursepulse.stream.pulse import Pulse
from coursepulse.stream.rest import Rest
from coursepulse.stream.runners.port import Runner
from coursepulse.stream.stages import AppliedBatch
from coursepulse.stream.worker import PartitionWorker
from coursepulse.warehouse.service import Warehouse
from coursepulse.web.http.services import Services
from coursepulse.web.live.updates import LiveUpdates
from coursepulse.web.reports.making import PageMaker
from coursepulse.wiring.component import Component
from coursepulse.wiring.dead_letters import open_dead_letters
from coursepulse.wiring.delivery import open_delivery
from coursepulse.wiring.identity import open_identity
from coursepulse.wiring.insight import open_desk, open_drift, open_facts, open_scoring, open_training
from coursepulse.wiring.planned_jobs import open_planned, open_planner
from coursepulse.wiring.reports import open_pages, open_reports
from coursepulse.wiring.roles import COLLECT, read_roles
from coursepulse.wiring.shared import RedisLinks, open_between_servers, open_buckets, open_results
from coursepulse.wiring.warehouse import erasures_outside, open_warehouse
from coursepulse.wiring.workers import LeadWork, open_rest, open_worker

#: Connections for exports and walks of the trail: that many go on side by side.
_SLOW = 2


class Components:
    """Everything that one process runs, in the order in which it is opened."""

    def __init__(self, settings: Settings, *, collect_only: bool = False) -> None:
        self.settings = settings
        self.collect_only = collect_only or read_roles(settings) == {COLLECT}
        self.closing, self.clock = ExitStack(), system_clock
        # Of this process, among those that share its databases.
        self.name = process_name(settings.data)
        # Whether there are others.
        self.shared, self.roles = bool(settings.roles), read_roles(settings)
        self.runners: dict[int, Runner] = {}
        # What one process does for all of them.
        self.lead_work = LeadWork()
        # Who has one may write rollups of learners, or profiles, or take a student out: two, as numbers must not wait.
        self.learning, self.profiling = threading.Lock(), threading.Lock()
        # Lessons or lengths of videos may have changed since the rollups of learners looked; at a start they may.
        self.catalog_changed = threading.Event()
        self.catalog_changed.set()
        self.changed_keys, self.attention = ChangedKeys(self._note_followed), Attention()
        self.archives = Archives(settings.data / "exports")
        self.pulse = Pulse(self.clock)
        # What requests need, as soon as all of it is open: reports are made by asking pages.
        self.services: Services | None = None

    tracing = Component(
        lambda of: Tracing(of.settings.traces, "server"), "always", start="start", close="stop"
    )

    # What everything else keeps its data in.
    log = Component(lambda of: open_log(of.settings.log_url, settings=of.settings), "always", close="close")
    embedded_postgres = Component(lambda of: EmbeddedPostgres(of.settings.data / "postgres"), close="stop")
    dsn = Component(lambda of: of._find_postgres())
    postgres_schema = Component(lambda of: of._migrate_postgres(), "always")
    pool = Component(lambda of: of._open_pool(postgres.SERVICE), "always", close="close")
    readers = Component(lambda of: postgres.open_pool(of.dsn, role=postgres.APP), "always", close="close")
    replicas = Component(
        lambda of: Replicas(of.pool, read_addresses(of.settings.postgres_replicas), of.clock),
        close="close",
    )
    slow_pool = Component(lambda of: postgres.open_pool(of.dsn, _SLOW, role=postgres.SERVICE), close="close")
    owner = Component(lambda of: of._open_pool(""), close="close")
    dead_letters: Component[DeadLetterQueue] = Component(open_dead_letters, "always", close="close")

    # Who may do what, and what was done.
    secret = Component(lambda of: read_secret(of.settings), "always")
    pseudonyms = Component(lambda of: Pseudonyms(of.secret))
    ring = Component(lambda of: open_keys(of.settings), "always")
    anchor = Component(lambda of: AnchorFile(of.settings.data / "log" / "audit.head"))
    trail = Component(
        lambda of: PostgresTrail(of.pool, derive_key(of.secret), of.anchor, of.slow_pool), close="close"
    )
    start_noted = Component(
        lambda of: of.trail.write(start_of_server(describe(of.settings), of.clock())), "always"
    )
    keys = Component(lambda of: open_issued_keys(of.settings, of.pool, of.ring, of.clock))
    identity = Component(
        lambda of: open_identity(of.settings, of.pool, of.keys, of.pseudonyms.of, of.secret, of.clock),
        "always",
        close="close",
    )
    relations = Component(lambda of: Relations(of.pool, of.clock))
    redis = Component(lambda _: RedisLinks(), close="close")
    results = Component(open_results)
    board_names = Component(lambda of: BoardNames(of.pool))
    goals = Component(lambda of: GoalStore(of.pool))
    risk_limits = Component(lambda of: CourseLimits(of.pool), "always", start="load")
    messages = Component(lambda of: MessageTemplates(of.pool))

    # What jobs wait for; asked for once before they begin.
    revisions = Component(lambda of: RevisionWatch(of.pool), start="update")
    job_runs = Component(lambda of: JobRuns(of.pool))
    job_history = Component(lambda of: JobHistory(of.clock, of.job_runs.note))
    job_planner = Component(lambda of: IntervalPlanner(JobClaims(of.pool, of.clock), of.name, of.clock))

    # Collecting. The worker starts with what this process knows of consents by then, and is told what follows.
    consents = Component(lambda of: ConsentFile(of.settings.data / "log" / "consents.bin"))
    consent_feed = Component(lambda of: ConsentFeed(of.pool, of.consents.record), "always", start="poll")
    keeping = Component(lambda of: Keeping(of.pseudonyms, of.consents.register, of.settings))
    worker = Component(lambda of: RemoteWorker(of.settings, of.secret), start="start", close="stop")
    duplicates = Component(lambda _: SenderTally())
    sender_book = Component(
        lambda of: SenderBook(
            [of.worker.take_counts, of.duplicates.take], SenderCounts(of.pool, of.clock).add
        ),
        "always",
        close="close",
    )
    consents_told = Component(lambda of: of.consents.tell(of.worker.decide), "always")
    buckets = Component(open_buckets)
    collector = Component(
        lambda of: Collector(
            log=of.log,
            keys=of.ring,
            worker=of.worker,
            dead_letters=of.dead_letters,
            keeping=of.keeping,
            clock=of.clock,
            settings=of.settings,
            buckets=of.buckets,
        ),
        "always",
    )
    dimensions = Component(lambda of: Dimensions(of.open_clickhouse))
    campus = Component(
        lambda of: CampusStore(of.pool, of.pseudonyms, None if of.collect_only else of._publish)
    )
    company = Component(lambda of: CompanyStore(of.pool, of.pseudonyms))

    # Open pages are told of what is stored.
    live = Component(
        lambda of: LiveUpdates(open_between_servers(of.settings)), "always", start="start", close="stop"
    )

    # Storing. The views of the metrics name the table of students who do not agree, so the schema comes first; they
    # are left out from their first event on.
    clickhouse_schema = Component(lambda of: clickhouse.migrate(of.open_clickhouse()), "storing")
    not_agreed = Component(
        lambda of: NotAgreed(of.open_clickhouse(), of.consents.register), "storing", start="check_all"
    )
    agreement = Component(
        lambda of: Agreement(
            not_agreed=of.not_agreed,
            profiles=Profiles(of.open_clickhouse, of.pool),
            changed_keys=of.changed_keys,
            consents=of.consents.register,
            tell_collector=of.consent_feed.poll,
            forget_results=of.results.forget,
            forget=of._forget,
            drop_alerts=lambda students: of.alerts.forget(students) + of.predictions.forget(students),
        )
    )
    consents_of_numbers = Component(lambda of: ConsentFeed(of.pool, of.agreement.apply))
    desk: Component[Desk] = Component(lambda of: of._lay_desk())
    raw = Component(lambda of: PostgresRawStore(of.pool))
    records = Component(lambda of: Records(of.pool, of.raw, of.clock))
    days_prepared = Component(lambda of: of.raw.prepare(of.clock()), "storing")
    catalog_published = Component(lambda of: of.campus.catch_up(), "storing")
    assessments = Component(lambda of: KnownAssessments(of.pool), start="load")
    thresholds = Component(lambda of: CourseThresholds(of.pool), start="load")
    alerts: Component[PostgresAlerts] = Component(lambda of: PostgresAlerts(of.pool, of.readers, of._refuses))
    alerts_told = Component(lambda of: of.alerts.on_changed(of.note_alerts), "storing")
    skills: Component[SkillFitter] = Component(lambda of: SkillFitter(of.open_clickhouse, of.pool, of.clock))
    models_kept = Component(lambda of: ModelsKept(of.pool))
    upkeep: Component[Upkeep] = Component(lambda of: Upkeep(of.pool))
    predictions: Component[Predictions] = Component(lambda of: Predictions(of.pool))
    outbox = Component(lambda of: MailOutbox(of.pool))
    webhooks = Component(lambda of: WebhookStore(of.pool))
    schedules = Component(lambda of: ReportSchedules(of.pool))
    report_pages = Component(lambda of: PageMaker(lambda: open_pages(of)), close="close")
    reports = Component(open_reports, "storing")
    delivery = Component(open_delivery, "storing")
    live_table = Component(lambda of: LiveTable(of.clock, of.live.note_learners))
    # Where several workers share the students, each tells what goes on there while somebody looks.
    live_board = Component(lambda of: LiveBoard(of.pool, of.name))
    looks = Component(lambda of: Looks(of.live_board))
    live_reader: Component[LiveReader] = Component(
        lambda of: SharedLive(of.live_table, of.looks, of.clock) if of.shared else of.live_table
    )
    live_teller = Component(lambda of: LiveTeller(of.live_table, of.pulse, of.live_board, of._note_live))
    leases = Component(lambda of: Leases(of.pool, of.name, of.log.partitions, owner=of.owner))
    rest: Component[Rest] = Component(open_rest, close="leave")
    pipeline: Component[PartitionWorker] = Component(open_worker, "storing", start="start", close="stop")
    platform = Component(
        lambda of: followers.PlatformFollower(
            Rollups(of.open_clickhouse()), of.changed_keys, of.results.renew
        )
    )
    profiles = Component(
        lambda of: followers.ProfileFollower(
            Profiles(of.open_clickhouse, of.pool), of.raw, of.changed_keys, of.clock
        )
    )
    learners = Component(
        lambda of: followers.LearnerFollower(
            of.open_learner_rollups(),
            of.raw,
            of.changed_keys,
            of.judges.note_learners,
            resumes=of.shared,
        )
    )
    catalog_of_learners = Component(
        lambda of: followers.CatalogFollower(
            of.open_learner_rollups(), of.raw, of.catalog_changed, of.results.renew
        )
    )
    roster = Component(
        lambda of: followers.RosterFollower(
            feed=RosterFeed(of.pool),
            copy=RosterCopy(of.open_clickhouse()),
            learners=of.open_learner_rollups(),
            raw=of.raw,
            changed_keys=of.changed_keys,
            check=of.not_agreed.check,
            tell=of.results.forget,
            renewed=of.judges.note_learners,
        )
    )
    judges: Component[Judges] = Component(
        lambda of: Judges(
            open_clickhouse=of.open_clickhouse,
            pool=of.pool,
            alerts=of.alerts,
            thresholds=of.thresholds,
            limits=of.risk_limits.at,
            dead_letters=of.dead_letters,
            log=of.log,
            clock=of.clock,
            note_platform=of.note_alerts,
            drifted=DriftCount(of.models_kept, of.upkeep).at,
        )
    )
    limits_told = Component(lambda of: of.risk_limits.on_changed(of.judges.judge_again), "storing")
    # What is open by the old numbers may be over by the new ones, and the other way round.
    thresholds_told = Component(lambda of: of.thresholds.on_changed(of.reconcile), "storing")

    # What has hours of its own, planned here or by Airflow.
    warehouse: Component[Warehouse] = Component(open_warehouse)
    claims = Component(lambda of: JobClaims(of.pool, of.clock))
    planned: Component[PlannedRuns] = Component(open_planned, "storing", close="stop")
    planner: Component[EmbeddedPlanner] = Component(open_planner)

    study_facts = Component(open_facts)
    model_registry = Component(lambda of: open_registry(of.settings.models_url))
    scoring: Component[Scoring] = Component(open_scoring)
    training: Component[RiskTraining] = Component(open_training)
    drift_watch: Component[DriftWatch] = Component(open_drift)
    model_desk: Component[ModelDesk] = Component(open_desk)

    # Asking, and the rights of students.
    query_times = Component(lambda _: QueryTimes())
    sizes = Component(lambda of: StoreSizes(of.pool, of.open_clickhouse, of.settings.data / "log", of.clock))
    metrics = Component(
        lambda of: Metrics(
            open_client=of.open_clickhouse,
            pool=of.readers,
            clock=of.clock,
            pseudonym=of.pseudonyms.of,
            trail=of.trail,
            relations=of.relations,
            groups=SmallGroups(of.settings.small_group, of.secret),
            memory=of._remembered(),
            query_times=of.query_times,
            limits=of.risk_limits.at,
            cache=of.results if of.settings.cache_mb else None,
            points=points_rule(of.settings),
            live=of.live_reader,
            attention=of.attention,
            replicas=of.replicas,
        )
    )
    alert_inbox = Component(
        lambda of: AlertInbox(
            of.alerts,
            AlertRights(of.relations, of.rights.by_events),
            AlertLabels(of.readers),
            of.clock,
            WrittenMessages(of.pool),
        )
    )
    alert_trials = Component(lambda of: of._open_trials())
    rights: Component[Rights] = Component(
        lambda of: Rights(RollupReader(of.open_clickhouse, ROLLUP_QUERIES), of.relations, of.clock)
    )
    health = Component(
        lambda of: Health(
            of._askable(),
            None if of.collect_only else of.pipeline,
            None if of.collect_only else lambda: of.scoring.trouble,
            of.pulse.slowest,
        )
    )
    stores = Component(
        lambda of: Stores(
            pool=of.pool,
            owner=of.owner,
            open_clickhouse=of.open_clickhouse,
            desk=of.desk,
            log=of.log,
            dead_letters=of.dead_letters,
            consents=of.consents,
            pseudonyms=of.pseudonyms,
            worker=of.worker,
            campus=of.campus,
            raw=of.raw,
            records=of.records,
            spools=SpoolErasure(of.settings.data),
            imports=ImportErasure(of.settings.data / "imports"),
            archives=of.archives,
            pipeline=of.pipeline,
            live=of.live_table,
            forget=of.pipeline.look_up_again,
            drop_alerts=of.alerts.forget,
            not_agreed=of.not_agreed,
            learning=of.learning,
            profiling=of.profiling,
            forget_results=of.results.forget,
            outside=erasures_outside(of),
        )
    )
    requests = Component(lambda of: RequestStore(of.pool))
    retention_runs = Component(lambda of: RetentionRuns(of.pool))
    erasures = Component(lambda of: Erasures(of.stores, of.requests, of.clock))
    exports = Component(
        lambda of: Exports(
            pool=of.pool,
            open_clickhouse=of.open_clickhouse,
            dead_letters=of.dead_letters,
            archives=of.archives,
            requests=of.requests,
            trail=of.trail,
            clock=of.clock,
        )
    )
    privacy = Component(
        lambda of: PrivacyRequests(
            of.requests,
            of.archives,
            of.retention_runs,
            of.metrics.identify,
            {ERASURE: of.erasures.work, EXPORT: of.exports.work},
            of.clock,
        ),
        "storing",
    )
    withdrawals = Component(lambda of: Withdrawals(of.stores, of.clock), "storing")
    reconciler = Component(
        lambda of: Reconciler(of.pool, of.open_clickhouse, of.dead_letters, of.pseudonyms.of), "storing"
    )
    retention = Component(
        lambda of: Retention(
            settings=of.settings,
            clock=SteadyClock(of.clock),
            raw=of.raw,
            log=of.log,
            rollups=Rollups(of.open_clickhouse()),
            dead_letters=of.dead_letters,
            trail=of.trail,
            records=of.records,
            archives=of.archives,
            requests=of.requests,
            runs=of.retention_runs,
            alerts=of.alerts,
            predictions=of.predictions,
        )
    )

    def open_clickhouse(self) -> Client:
        """A connection of its own: one must not be shared by threads."""
        return clickhouse.open_clickhouse(
            self.settings.clickhouse_url, self.settings.clickhouse_memory_mb, self.settings.clickhouse_cluster
        )

    def open_learner_rollups(self) -> LearnerRollups:
        """With a connection, and the work tables of this process."""
        return LearnerRollups(self.open_clickhouse(), self.desk)

    def _lay_desk(self) -> Desk:
        desk = Desk(desk_name(self.name) if self.shared else "")
        desk.lay(self.open_clickhouse())
        return desk

    def _find_postgres(self) -> str:
        chosen = self.settings.postgres
        return self.embedded_postgres.start() if chosen == "embedded" else chosen

    def _open_pool(self, role: str) -> postgres.Pool:
        return postgres.open_pool(self.dsn, role=role, process=self.name)

    def _migrate_postgres(self) -> list[str]:
        with postgres.open_pool(self.dsn, size=1) as owner:
            return postgres.migrate(owner)

    def _open_trials(self) -> Trials:
        rollups = RollupReader(self.open_clickhouse, HISTORY_QUERIES)
        past = PastLearners(rollups, EndedCourses(self.pool), self.risk_limits.at)
        return Trials(rollups, past, self.alerts, self.assessments, self.thresholds.values, self.clock)

    def _refuses(self, student: bytes) -> bool:
        return not self.consents.register.allows(student, Purpose.ANALYTICS)

    def reconcile(self) -> None:
        """Sinks learn again what is true."""
        for runner in list(self.runners.values()):
            runner.reconcile()

    def note_applied(self, applied: AppliedBatch) -> None:
        """The pipeline has applied a batch. Where there are several processes, all read of it in the database."""
        if not self.shared:
            self.changed_keys.note(applied)
            learners = set[Learner]().union(*(renewed.learners for renewed in applied.renewed))
            self.live.note_learners(learners, applied.latest_event_at)
        for sender, times in applied.repeated.items():
            self.duplicates.add(applied.applied_at, sender, Counter({DUPLICATE: times}))
        self.pulse.note(applied.fresh, applied.arrived_at and applied.applied_at - applied.arrived_at)

    def _note_followed(self, learners: Collection[Learner]) -> None:
        if self.shared:
            ChangesFeed(self.pool).note("followed", learners, self.clock())
        else:
            self.live.note_learners(learners)
        if not self.collect_only:
            self.scoring.note_learners(learners)

    def note_alerts(self, changes: AlertChanges) -> None:
        """Open pages are told that alerts have changed."""
        about = (kept.alert.subject for kept in changes.changed)
        self.live.note_alerts([(each.course_id, each.student_id) for each in about], gone=bool(changes.gone))

    def _forget(self, student: bytes) -> int:
        """Take a student out of what stream processors keep, and out of what they said."""
        if self.shared:
            self.live_board.forget()
        return self.pipeline.forget(student) + self.live_table.forget(student)

    def _note_live(self, learners: Collection[Learner]) -> None:
        """What goes on has changed where somebody looks: open pages of every server fetch it."""
        ChangesFeed(self.pool).note("followed", learners, self.clock())

    def _publish(self, catalog: CampusCatalog) -> None:
        self.dimensions.replace(catalog)
        self.results.forget()
        self.assessments.load()
        self.catalog_changed.set()
        self.judges.sweep.note_catalog()

    def _remembered(self) -> Memory:
        """What this process and its jobs remember of themselves, for metrics about the system."""
        sessions = self.live_table.active_sessions
        shared = SharedPulse(self.pulse, sessions, self.looks) if self.shared else None
        pulse = pulse_of(shared or self.pulse, self.collector, shared.active_sessions if shared else sessions)
        return pulse | system_of(
            self.collector,
            title_of=lambda slug: METRICS[slug].title,
            query_times=self.query_times.rows,
            storage=self.sizes.grown,
            jobs=lambda: self.job_runs.summary(self.clock() - LATELY),
            requests=lambda: self.requests.summary(self.clock() - LATELY),
            models=lambda: [self.model_desk.standing()],
        )

    def read_mark(self) -> VersionedMark:
        """How far the numbers are, and the state of what rights and names hang on."""
        served, learners, beside, *versions = self.relations.versions()
        return VersionedMark(DataMark(served, learners, beside), tuple(versions))

    def _askable(self) -> dict[str, Callable[[], object]]:
        stores: dict[str, Callable[[], object]] = {"postgres": lambda: postgres.ask(self.pool)}
        if self.settings.log_url.startswith("kafka:"):
            stores["log"] = self.log.newest
        if not self.collect_only:
            stores["clickhouse"] = ClickHouseProbe(self.open_clickhouse).ask
        if any(is_redis(url) for url in (self.settings.cache, self.settings.limits)):
            stores["redis"] = self.redis.check
        if self.live.relay:
            stores["live"] = self.live.relay.check
        return stores
