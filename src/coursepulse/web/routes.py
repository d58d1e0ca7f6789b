"""Every address that the server answers, by domain. Handlers get what they need from ``reach.py``."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from coursepulse.web.alerts import api as alerts_api
from coursepulse.web.alerts import inbox_pages
from coursepulse.web.alerts import pages as alerts_pages
from coursepulse.web.audit import api as audit_api
from coursepulse.web.audit import pages as audit_pages
from coursepulse.web.break_glass import api as break_glass_api
from coursepulse.web.break_glass import pages as break_glass_pages
from coursepulse.web.dashboards import (
    admin_pages,
    cards,
    compare_pages,
    embed_pages,
    goal_pages,
    home_pages,
    leaderboard_pages,
    risk_limit_pages,
    risk_limits_api,
    search_pages,
    verdict_pages,
)
from coursepulse.web.dashboards import pages as dashboard_pages
from coursepulse.web.http import health
from coursepulse.web.identity import api as identity_api
from coursepulse.web.identity import (
    embed_api,
    language_pages,
    provider_pages,
    set_up_pages,
    sign_in_pages,
    superset_api,
)
from coursepulse.web.identity import pages as identity_pages
from coursepulse.web.ingest import dead_letters_api, events_api, withdrawals_api
from coursepulse.web.insight import api as insight_api
from coursepulse.web.insight import pages as insight_pages
from coursepulse.web.live import streams
from coursepulse.web.messages import draft_pages, template_pages
from coursepulse.web.metrics import api as metrics_api
from coursepulse.web.metrics import evidence_api, evidence_pages
from coursepulse.web.metrics import pages as metrics_pages
from coursepulse.web.notifications import api as notifications_api
from coursepulse.web.notifications import pages as notifications_pages
from coursepulse.web.operation import jobs_api, planned_api, prometheus
from coursepulse.web.privacy import api as privacy_api
from coursepulse.web.privacy import compliance_api
from coursepulse.web.privacy import pages as privacy_pages
from coursepulse.web.reconciliation import api as reconciliation_api
from coursepulse.web.reconciliation import pages as reconciliation_pages
from coursepulse.web.reports import api as reports_api
from coursepulse.web.reports import pages as reports_pages
from coursepulse.web.roster import api as roster_api
from coursepulse.web.roster import company_api, deliveries_api, goals_api

INGEST: list[ControllerRouterHandler] = [
    *events_api.routes,
    *withdrawals_api.routes,
    *dead_letters_api.routes,
]

ROSTER: list[ControllerRouterHandler] = [
    *roster_api.routes,
    *goals_api.routes,
    *company_api.routes,
    *deliveries_api.routes,
]

IDENTITY: list[ControllerRouterHandler] = [
    *identity_api.routes,
    *embed_api.routes,
    *superset_api.routes,
    *identity_pages.routes,
    *sign_in_pages.routes,
    *provider_pages.routes,
    *set_up_pages.routes,
    *language_pages.routes,
]

AUDIT: list[ControllerRouterHandler] = [*audit_api.routes, *audit_pages.routes]

PRIVACY: list[ControllerRouterHandler] = [
    *privacy_api.routes,
    *compliance_api.routes,
    *privacy_pages.routes,
]

BREAK_GLASS: list[ControllerRouterHandler] = [*break_glass_api.routes, *break_glass_pages.routes]

METRICS: list[ControllerRouterHandler] = [
    *metrics_api.routes,
    *evidence_api.routes,
    *evidence_pages.routes,
    *metrics_pages.routes,
]

DASHBOARDS: list[ControllerRouterHandler] = [
    *home_pages.routes,
    *dashboard_pages.routes,
    *compare_pages.routes,
    *leaderboard_pages.routes,
    *risk_limit_pages.routes,
    *risk_limits_api.routes,
    *admin_pages.routes,
    *goal_pages.routes,
    *verdict_pages.routes,
    *cards.routes,
    *search_pages.routes,
    *embed_pages.routes,
]

INSIGHT: list[ControllerRouterHandler] = [*insight_api.routes, *insight_pages.routes]

LIVE: list[ControllerRouterHandler] = [*streams.routes]
ALERTS: list[ControllerRouterHandler] = [*alerts_api.routes, *inbox_pages.routes, *alerts_pages.routes]

MESSAGES: list[ControllerRouterHandler] = [*draft_pages.routes, *template_pages.routes]

NOTIFICATIONS: list[ControllerRouterHandler] = [*notifications_api.routes, *notifications_pages.routes]

REPORTS: list[ControllerRouterHandler] = [*reports_api.routes, *reports_pages.routes]

OPERATION: list[ControllerRouterHandler] = [
    *health.routes,
    *prometheus.routes,
    *jobs_api.routes,
    *planned_api.routes,
]

RECONCILIATION: list[ControllerRouterHandler] = [
    *reconciliation_api.routes,
    *reconciliation_pages.routes,
]

ROUTES: list[ControllerRouterHandler] = [
    *INGEST,
    *ROSTER,
    *IDENTITY,
    *AUDIT,
    *PRIVACY,
    *BREAK_GLASS,
    *METRICS,
    *DASHBOARDS,
    *INSIGHT,
    *LIVE,
    *ALERTS,
    *MESSAGES,
    *NOTIFICATIONS,
    *REPORTS,
    *OPERATION,
    *RECONCILIATION,
]
