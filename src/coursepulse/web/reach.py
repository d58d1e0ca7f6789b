"""What each domain reaches of the server. Each function is for its own domain; its type says what may be used.

This is the only place where handlers get at what the server was wired with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coursepulse.web.alerts.ports import AlertServices
    from coursepulse.web.audit.ports import AuditServices
    from coursepulse.web.break_glass.ports import BreakGlassServices
    from coursepulse.web.dashboards.ports import DashboardServices
    from coursepulse.web.http.ports import HttpServices
    from coursepulse.web.http.request import Connection
    from coursepulse.web.http.services import Services
    from coursepulse.web.identity.ports import IdentityServices
    from coursepulse.web.ingest.ports import IngestServices
    from coursepulse.web.insight.ports import InsightServices
    from coursepulse.web.live.ports import LiveServices
    from coursepulse.web.messages.ports import MessageServices
    from coursepulse.web.metrics.ports import MetricServices
    from coursepulse.web.notifications.ports import NotificationServices
    from coursepulse.web.operation.ports import OperationServices
    from coursepulse.web.privacy.ports import PrivacyServices
    from coursepulse.web.reconciliation.ports import ReconciliationServices
    from coursepulse.web.reports.ports import ReportServices
    from coursepulse.web.roster.ports import RosterServices


def http(connection: Connection) -> HttpServices:
    """For finding out who asks, and for ``/v1/health``."""
    return _services(connection)


def ingest(connection: Connection) -> IngestServices:
    """For events, dead letters and withdrawals."""
    return _services(connection)


def roster(connection: Connection) -> RosterServices:
    """For the roster, its deliveries and the consents."""
    return _services(connection)


def identity(connection: Connection) -> IdentityServices:
    """For accounts, sessions and keys."""
    return _services(connection)


def audit(connection: Connection) -> AuditServices:
    """For the audit trail and the access log."""
    return _services(connection)


def privacy(connection: Connection) -> PrivacyServices:
    """For the privacy centre, requests and the compliance report."""
    return _services(connection)


def break_glass(connection: Connection) -> BreakGlassServices:
    """For opening records with a typed reason."""
    return _services(connection)


def metrics(connection: Connection) -> MetricServices:
    """For queries of metrics."""
    return _services(connection)


def dashboards(connection: Connection) -> DashboardServices:
    """For pages of cards."""
    return _services(connection)


def insight(connection: Connection) -> InsightServices:
    """For models of risk, their cards and their training."""
    return _services(connection)


def live(connection: Connection) -> LiveServices:
    """For telling open pages what has changed."""
    return _services(connection)


def alerts(connection: Connection) -> AlertServices:
    """For alerts and the thresholds of their rules."""
    return _services(connection)


def messages(connection: Connection) -> MessageServices:
    """For messages to students, and their templates."""
    return _services(connection)


def notifications(connection: Connection) -> NotificationServices:
    """For choices of mails and for webhooks."""
    return _services(connection)


def reconciliation(connection: Connection) -> ReconciliationServices:
    """For comparing files of the learning platform with what is known here."""
    return _services(connection)


def reports(connection: Connection) -> ReportServices:
    """For reports that are sent at regular times."""
    return _services(connection)


def operation(connection: Connection) -> OperationServices:
    """For `/metrics` and the runs of jobs."""
    return _services(connection)


def _services(connection: Connection) -> Services:
    services: Services = connection.app.state.services
    return services
