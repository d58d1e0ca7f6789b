"""Reports by e-mail, put together from the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from litestar import Litestar

from coursepulse.alerts.delivery.mailing import ReportNotMade
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.reports.schedules import ReportPlanner
from coursepulse.web.http.app import build
from coursepulse.web.http.services import Services
from coursepulse.web.identity.components import derive
from coursepulse.web.reports.ports import Reports
from coursepulse.web.reports.reporter import Reporter, ReporterSettings
from coursepulse.web.routes import DASHBOARDS

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


class ReportDelivery(NamedTuple):
    """The job that plans reports, what makes them, and what people may change about it."""

    planner: ReportPlanner
    reporter: Reporter
    reports: Reports


def open_reports(of: Components) -> ReportDelivery:
    """The parts of reports that are sent."""
    tokens = UnsubscribeTokens(derive(of.secret, "unsubscribe from reports"))
    letters = of.settings.weekly_letter == "on"
    settings = ReporterSettings(
        of.settings.public_url, of.settings.mail_reports == "attached", of.settings.mail_names == "on"
    )
    reporter = Reporter(settings, of.schedules, of.report_pages, tokens, lambda: _services(of))
    planner = ReportPlanner(of.schedules, of.clock, lambda: _hurry(of), letters=letters)
    reports = Reports(
        schedules=of.schedules,
        recipients=of.outbox,
        pages=of.report_pages,
        tokens=tokens,
        sends=bool(of.settings.smtp),
        letters=letters,
        hurry=planner.alarm.ring,
    )
    return ReportDelivery(planner, reporter, reports)


def open_pages(of: Components) -> Litestar:
    """The pages of cards, for questions of this process. Nobody connects to them, so no visitor has to be counted."""
    services = _services(of)
    settings = msgspec.structs.replace(services.settings, visits_per_minute=0)
    return build(replace(services, settings=settings), DASHBOARDS)


def _services(of: Components) -> Services:
    """What requests need.

    :raises ReportNotMade: while the server is still opening
    """
    if of.services is None:
        raise ReportNotMade("The server is starting.")
    return of.services


def _hurry(of: Components) -> None:
    if mailing := of.delivery.mailing:
        mailing.alarm.ring()
