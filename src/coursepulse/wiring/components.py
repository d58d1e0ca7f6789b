"""Everything that one process runs: the tables of components, and what components tell each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.alerts.port import AlertChanges
from coursepulse.campus.catalog import CampusCatalog
from coursepulse.collect.senders import DUPLICATE
from coursepulse.kit.settings import Settings
from coursepulse.metrics.cache.cache import VersionedMark
from coursepulse.metrics.cache.port import DataMark
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.postgres.changes import ChangesFeed
from coursepulse.stream.changed_keys import ChangedKeys, Learner
from coursepulse.stream.stages import AppliedBatch
from coursepulse.wiring.process import Process
from coursepulse.wiring.tables.alerting import Alerting
from coursepulse.wiring.tables.asking import Asking
from coursepulse.wiring.tables.collecting import Collecting
from coursepulse.wiring.tables.following import Following
from coursepulse.wiring.tables.foundations import Foundations
from coursepulse.wiring.tables.learning import Learning
from coursepulse.wiring.tables.privacy import Privacy
from coursepulse.wiring.tables.storing import Storing


class Components(Process, Foundations, Collecting, Storing, Alerting, Following, Learning, Asking, Privacy):
    """Everything that one process runs, in the order in which it is opened."""

    def __init__(self, settings: Settings, *, collect_only: bool = False) -> None:
        super().__init__(settings, collect_only=collect_only)
        self.changed_keys = ChangedKeys(self.note_followed)

    def open_clickhouse(self) -> Client:
        """A connection of its own: one must not be shared by threads."""
        return clickhouse.open_clickhouse(
            self.settings.clickhouse_url, self.settings.clickhouse_memory_mb, self.settings.clickhouse_cluster
        )

    def open_learner_rollups(self) -> LearnerRollups:
        """With a connection, and the work tables of this process."""
        return LearnerRollups(self.open_clickhouse(), self.desk)

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

    def note_followed(self, learners: Collection[Learner]) -> None:
        """A follower has renewed numbers of these learners."""
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

    def forget(self, student: bytes) -> int:
        """Take a student out of what stream processors keep, and out of what they said."""
        if self.shared:
            self.live_board.forget()
        return self.pipeline.forget(student) + self.live_table.forget(student)

    def note_live(self, learners: Collection[Learner]) -> None:
        """What goes on has changed where somebody looks: open pages of every server fetch it."""
        ChangesFeed(self.pool).note("followed", learners, self.clock())

    def publish(self, catalog: CampusCatalog) -> None:
        """The catalog has changed: numbers and alerts follow it."""
        self.dimensions.replace(catalog)
        self.results.forget()
        self.assessments.load()
        self.catalog_changed.set()
        self.judges.sweep.note_catalog()

    def read_mark(self) -> VersionedMark:
        """How far the numbers are, and the state of what rights and names hang on."""
        served, learners, beside, *versions = self.relations.versions()
        return VersionedMark(DataMark(served, learners, beside), tuple(versions))
