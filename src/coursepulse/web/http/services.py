"""Everything the server was wired with. Handlers see the part that their domain may use: see ``web/reach.py``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from coursepulse.collect.collector import Collector
from coursepulse.collect.rate import SharedBuckets
from coursepulse.kit.clock import Clock
from coursepulse.kit.settings import Settings
from coursepulse.web.alerts.ports import AlertInboxPort, AlertTrials, ThresholdStore
from coursepulse.web.audit.ports import AuditTrail, TypedReasons
from coursepulse.web.break_glass.ports import GrantStore
from coursepulse.web.dashboards.card_faults import CardFaults
from coursepulse.web.dashboards.ports import (
    FlaggedGrants,
    KeepsOwnGoals,
    KeepsRiskLimits,
    KeepsVerdicts,
    KnowsConsents,
    RemovesBoardNames,
    Titles,
)
from coursepulse.web.http.ports import HealthReport, HearsOfWriters, Ties
from coursepulse.web.identity.ports import GrantFlags, RosterFacts
from coursepulse.web.ingest.ports import Withdrawer
from coursepulse.web.insight.ports import KeepsModels
from coursepulse.web.live.ports import Memberships, PlatformTroubles, nothing_is_wrong
from coursepulse.web.live.updates import LiveUpdates
from coursepulse.web.messages.ports import DrawsLists, KeepsTemplates
from coursepulse.web.metrics.ports import ExplainsNumbers
from coursepulse.web.notifications.ports import Notifications
from coursepulse.web.operation.ports import JobCounts, JobRunList, QueryTimings, RunsPlannedJobs
from coursepulse.web.privacy.ports import ComplianceCounts, DataRequests, OwnBoardName, OwnRecord
from coursepulse.web.reconciliation.ports import ComparesSheets
from coursepulse.web.reports.ports import Reports
from coursepulse.web.roster.ports import KeepsGoals, RosterStore, TrainingStore

if TYPE_CHECKING:
    from coursepulse.web.identity.components import Identity


class CampusPort(RosterStore, RosterFacts, OwnRecord, Titles, Protocol):
    """The store of people, courses and consents, as all domains together use it."""


class BoardNamesPort(OwnBoardName, RemovesBoardNames, Protocol):
    """The names on leaderboards, as all domains together use them."""


class AccessGrantsPort(GrantStore, GrantFlags, FlaggedGrants, TypedReasons, Protocol):
    """The store of access grants, as all domains together use it."""


class GoalsPort(KeepsGoals, KeepsOwnGoals, Protocol):
    """The goals of students, as all domains together use them."""


class TiesPort(Ties, Memberships, KnowsConsents, Protocol):
    """What ties people to each other, as all domains together use it."""


class QueriesPort(ExplainsNumbers, QueryTimings, HearsOfWriters, Protocol):
    """The numbers of students, as all domains together use them."""


@dataclass(slots=True, kw_only=True)
class Services:
    """Everything the application was wired with.

    :param metrics: answers queries for a viewer
    :param campus: the store of people, courses and consents
    :param board_names: the names that students chose for leaderboards
    :param goals: the goals that students set for themselves
    :param risk_limits: where courses cut their risk matrix
    :param messages: texts with which people write to students
    :param message_draws: who of a list is written to at once and who waits
    :param predictions: what teachers say of predictions
    :param models: models of risk on record
    :param company: what organisations have their people learn
    :param relations: what ties people to each other now
    :param break_glass: the store of access grants
    :param trail: the audit trail
    :param compliance: counts for the compliance report
    :param live: tells open pages what has changed
    :param card_faults: counts the cards that could not be read
    :param buckets: counts requests over all servers; None where each counts its own
    :param platform_alerts: what is wrong with the platform now; needs no store
    :param health: facts about the stores and the pipeline
    :param jobs: what jobs did since the start
    :param job_runs: runs of jobs that were written down
    :param planned: runs planned jobs; None where this process only collects
    :param identity: accounts, sessions and keys; None where nobody can sign in
    :param privacy: takes requests of students about their data; None where this process only collects
    :param withdrawals: takes events back; None where this process only collects
    :param alerts: what people do with alerts; None where this process only collects, as the next two
    :param thresholds: the numbers of rules in courses
    :param alert_trials: tries rules on what is stored
    :param reconciler: compares files of the learning platform with what is known here; None where this process only
        collects
    :param notifications: what leaves the screens; None where this process only collects
    :param reports: what is sent at regular times; None where this process only collects
    """

    settings: Settings
    clock: Clock
    collector: Collector
    metrics: QueriesPort
    campus: CampusPort
    company: TrainingStore
    relations: TiesPort
    board_names: BoardNamesPort
    goals: GoalsPort
    messages: KeepsTemplates
    message_draws: DrawsLists
    risk_limits: KeepsRiskLimits
    predictions: KeepsVerdicts
    models: KeepsModels
    break_glass: AccessGrantsPort
    trail: AuditTrail
    compliance: ComplianceCounts
    health: HealthReport
    jobs: JobCounts
    job_runs: JobRunList
    planned: RunsPlannedJobs | None = None
    identity: Identity | None = None
    privacy: DataRequests | None = None
    withdrawals: Withdrawer | None = None
    notifications: Notifications | None = None
    reports: Reports | None = None
    reconciler: ComparesSheets | None = None
    live: LiveUpdates = field(default_factory=LiveUpdates)
    card_faults: CardFaults = field(default_factory=CardFaults)
    buckets: SharedBuckets | None = None
    platform_alerts: PlatformTroubles = nothing_is_wrong
    alerts: AlertInboxPort | None = None
    thresholds: ThresholdStore | None = None
    alert_trials: AlertTrials | None = None
