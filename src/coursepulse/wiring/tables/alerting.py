"""The table of alerts and reports: what raises them, where they are kept, and how they reach people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.aggregates.readers import RollupReader
from coursepulse.alerts.assessments import KnownAssessments
from coursepulse.alerts.classes import EndedCourses
from coursepulse.alerts.delivery.outbox import MailOutbox
from coursepulse.alerts.delivery.webhook_store import WebhookStore
from coursepulse.alerts.inbox import AlertInbox
from coursepulse.alerts.judges import Judges
from coursepulse.alerts.labels import AlertLabels
from coursepulse.alerts.past import PastLearners
from coursepulse.alerts.rights import AlertRights
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.alerts.thresholds import CourseThresholds
from coursepulse.alerts.trials import HISTORY_QUERIES, Trials
from coursepulse.alerts.written import WrittenMessages
from coursepulse.insight.drift_watch import DriftCount
from coursepulse.privacy.consent import Purpose
from coursepulse.reports.schedules import ReportSchedules
from coursepulse.web.reports.making import PageMaker
from coursepulse.wiring.component import Component
from coursepulse.wiring.delivery import open_delivery
from coursepulse.wiring.reports import open_pages, open_reports

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def _open_trials(of: Components) -> Trials:
    rollups = RollupReader(of.open_clickhouse, HISTORY_QUERIES)
    past = PastLearners(rollups, EndedCourses(of.pool), of.risk_limits.at)
    return Trials(rollups, past, of.alerts, of.assessments, of.thresholds.values, of.clock)


def _refuses(of: Components, student: bytes) -> bool:
    return not of.consents.register.allows(student, Purpose.ANALYTICS)


class Alerting:
    """Opened in this order."""

    assessments = Component(lambda of: KnownAssessments(of.pool), start="load")
    thresholds = Component(lambda of: CourseThresholds(of.pool), start="load")
    alerts: Component[PostgresAlerts] = Component(
        lambda of: PostgresAlerts(of.pool, of.readers, lambda student: _refuses(of, student))
    )
    alerts_told = Component(lambda of: of.alerts.on_changed(of.note_alerts), "storing")
    outbox = Component(lambda of: MailOutbox(of.pool))
    webhooks = Component(lambda of: WebhookStore(of.pool))
    schedules = Component(lambda of: ReportSchedules(of.pool))
    report_pages = Component(lambda of: PageMaker(lambda: open_pages(of)), close="close")
    reports = Component(open_reports, "storing")
    delivery = Component(open_delivery, "storing")
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
    alert_inbox = Component(
        lambda of: AlertInbox(
            of.alerts,
            AlertRights(of.relations, of.rights.by_events),
            AlertLabels(of.readers),
            of.clock,
            WrittenMessages(of.pool),
        )
    )
    alert_trials = Component(_open_trials)
