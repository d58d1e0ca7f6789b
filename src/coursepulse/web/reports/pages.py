"""The screens on which people schedule reports and choose the weekly letter."""

from __future__ import annotations

import asyncio

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from coursepulse.access.viewer import Role
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.reports.schedule import ReportForm, ReportKind, Rhythm
from coursepulse.web import reach
from coursepulse.web.http.auth import PageViewer, network
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.outcome import NOTHING_SENT, Outcome
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.notifications.service import find_account
from coursepulse.web.reports.letters import READERS
from coursepulse.web.reports.service import (
    NewReport,
    add_report,
    choose_letter,
    find_reader,
    find_stopped,
    list_reports,
    own_account,
    pause_report,
    remove_report,
    reports_of,
    send_report,
    stop_report,
    wants_letter,
)

#: Who can see pages of cards.
_READING = (*READERS, Role.ADMIN)

# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/reports", include_in_schema=False)
async def show_reports(request: AnyRequest, page: FromQuery[str] = "/") -> Response[str]:
    """The reports of somebody, and a form for another one, filled with the page they come from."""
    viewer = await asyncio.to_thread(role_viewer, request, *_READING)
    return await asyncio.to_thread(_show, request, viewer, page)


@post("/reports", include_in_schema=False)
async def change_reports(request: AnyRequest) -> Response[str]:
    """Schedule a report, pause it, let it go on or remove it; or choose the letter."""
    viewer = await asyncio.to_thread(role_viewer, request, *_READING)
    form = await read_own_form(request)
    return await asyncio.to_thread(_change, request, viewer, form)


@get("/reports/stop/{token:str}", include_in_schema=False)
async def show_stop(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Asks before it stops anything: mail scanners follow links."""
    return await asyncio.to_thread(_stop, request, token, stop=False)


@post("/reports/stop/{token:str}", include_in_schema=False, status_code=200)
async def stop_mail(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Stop one report. The token is the proof; nobody is signed in (RFC 8058 section 3.2)."""
    return await asyncio.to_thread(_stop, request, token, stop=True)


def _change(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    try:
        outcome = Outcome(_do(request, viewer, form))
    except RequestError as error:
        outcome = Outcome(trouble=error)
    return _show(request, viewer, form.text("page") or "/", outcome)


def _do(request: AnyRequest, viewer: PageViewer, form: Form) -> str:
    """What was done."""
    services, report_id = reach.reports(request), form.text("report")
    match form.text("do"):
        case "add":
            schedule = add_report(services, viewer, _read_report(request, viewer, form))
            return say("reports.added", title=schedule.title)
        case "pause" | "resume" as wish:
            pause_report(services, viewer, report_id, paused=wish == "pause")
            return say(f"reports.done.{wish}")
        case "send":
            send_report(services, viewer, report_id)
            return say("reports.done.send")
        case "remove":
            remove_report(services, viewer, report_id)
            return say("reports.done.remove")
        case "letter_on" | "letter_off" as wish:
            choose_letter(services, viewer, own_account(viewer), wanted=wish == "letter_on")
            return say(f"reports.done.{wish}")
        case _:
            raise RequestError("unknown_action", say("trouble.unknown_action"))


def _read_report(request: AnyRequest, viewer: PageViewer, form: Form) -> NewReport:
    login = form.text("account").strip() if viewer.role is Role.ADMIN else ""
    account = find_account(reach.reports(request), viewer, login) if login else own_account(viewer)
    if form.text("form") not in set(ReportForm):
        raise RequestError("unknown_form", say("trouble.unknown_action"))
    weekly = form.text("every") == "week"
    rhythm = Rhythm(
        hour=_number(form.text("hour"), 0, 23),
        weekday=_number(form.text("weekday"), 0, 6) if weekly else None,
        month_day=None if weekly else _number(form.text("month_day"), 1, 31),
        time_zone=form.text("time_zone").strip(),
    )
    return NewReport(account, form.text("page").strip(), ReportForm(form.text("form")), rhythm)


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 2 and least <= int(text) <= most):
        raise RequestError("invalid_rhythm", say("reports.invalid_rhythm"))
    return int(text)


def _show(
    request: AnyRequest, viewer: PageViewer, address: str, outcome: Outcome = NOTHING_SENT
) -> Response[str]:
    services, account = reach.reports(request), own_account(viewer)
    reports = reports_of(services)
    everyone = viewer.role is Role.ADMIN
    listed = list_reports(services, viewer, None if everyone else account)
    pages = [each for each in listed if each.kind is ReportKind.PAGE]
    owners = reports.recipients.recipients({each.account_id for each in pages})
    return page(
        "reports.html",
        outcome.status,
        title=say("reports.title"),
        path="/reports",
        viewer=viewer,
        reader=find_reader(services, account),
        reports=pages,
        owners={key: each.login_name for key, each in owners.items()},
        everyone=everyone,
        letter=wants_letter(services, account) if viewer.role in READERS else None,
        sends=reports.sends,
        address=address if address.startswith("/") else "/",
        forms=tuple(ReportForm),
        **outcome.shown,
    )


def _stop(request: AnyRequest, token: str, *, stop: bool) -> Response[str]:
    services = reach.reports(request)
    schedule = find_stopped(services, token)
    if schedule is None:
        raise RequestError("unknown_link", say("unsubscribe.unknown"), 404)
    if stop:
        stop_report(services, schedule, network(request))
    letter = schedule.kind is ReportKind.LETTER
    return page(
        "report_stop.html",
        title=say("reports.stop_title"),
        path="",
        viewer=None,
        token=token,
        name=say("reports.letter") if letter else schedule.title,
        stopped=stop,
    )


routes = [show_reports, change_reports, show_stop, stop_mail]
