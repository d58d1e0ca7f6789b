"""The alert inbox as pages: the list, one alert with what is behind it, and a draft of a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from coursepulse.access.viewer import Role
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.port import Standing
from coursepulse.alerts.rule import Severity
from coursepulse.dashboards.alert_words import alert_clears, alert_title
from coursepulse.dashboards.links import course_link
from coursepulse.dashboards.text import plural, say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.alerts.inbox import (
    AT_ONCE,
    MOST_COUNTED,
    READERS,
    SNOOZES,
    InboxQuery,
    count_new,
    find_lines,
    group_lines,
    line_of,
    rules_for,
)
from coursepulse.web.alerts.service import (
    acknowledge_alerts,
    explain_alert,
    read_place,
    snooze_alerts,
    write_place,
)
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.reader import words_for
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.live.streams import stream_address
from coursepulse.web.messages.draft_pages import write_about_alerts

if TYPE_CHECKING:
    from coursepulse.web.alerts.ports import AlertServices

State = Annotated[Standing, QueryParameter(name="state")]
Course = Annotated[str, QueryParameter(max_length=128)]
RuleName = Annotated[str, QueryParameter(max_length=64)]
SeverityName = Annotated[str, QueryParameter(max_length=16)]
After = Annotated[str, QueryParameter(max_length=64)]

#: What can be done with the alerts that are chosen.
_Action = Callable[["AlertServices", PageViewer, list[bytes], Form], str]


# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


def _read_asked(
    standing: State = Standing.NEW,
    course: Course = "",
    rule: RuleName = "",
    severity: SeverityName = "",
    after: After = "",
) -> InboxQuery:
    return InboxQuery(standing, course, rule, _severity(severity), after)


_TAKES_FILTERS = {"asked": Provide(_read_asked, sync_to_thread=False)}


@get("/alerts", include_in_schema=False, dependencies=_TAKES_FILTERS)
async def show_inbox(request: AnyRequest, asked: NamedDependency[InboxQuery]) -> Response[str]:
    """The alerts of somebody who teaches, leads a team or runs the platform."""
    viewer = await asyncio.to_thread(role_viewer, request, *READERS)
    return await asyncio.to_thread(_show, request, viewer, asked)


@post("/alerts", include_in_schema=False)
async def handle_alerts(request: AnyRequest) -> Response[str]:
    """Do something with the alerts that were chosen."""
    viewer = await asyncio.to_thread(role_viewer, request, *READERS)
    form = await read_own_form(request)
    return await asyncio.to_thread(_handle, request, viewer, form)


@get("/alerts/list", include_in_schema=False, dependencies=_TAKES_FILTERS, sync_to_thread=True)
def refresh_inbox(request: AnyRequest, asked: NamedDependency[InboxQuery]) -> Response[str]:
    """The list alone, for a page that is open."""
    viewer = role_viewer(request, *READERS)
    return page("parts/alert_list.html", **_list(reach.alerts(request), viewer, asked))


@get("/alerts/count", include_in_schema=False, sync_to_thread=True)
def show_count(request: AnyRequest) -> Response[str]:
    """How many alerts wait, for the navigation."""
    count = count_new(reach.alerts(request), role_viewer(request, *READERS))
    shown = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")
    return page("parts/alert_count.html", count=count, shown=shown)


@get("/alerts/{alert:uuid}", include_in_schema=False, sync_to_thread=True)
def show_alert(request: AnyRequest, alert: FromPath[UUID]) -> Response[str]:
    """One alert: why it was raised, what is behind it, what clears it."""
    services, viewer = reach.alerts(request), role_viewer(request, *READERS)
    labelled, events = explain_alert(services, viewer, alert.bytes)
    line = line_of(viewer, labelled)
    return page(
        "alert.html",
        title=line.title,
        path="/alerts",
        viewer=viewer,
        line=line,
        events=events,
        hidden=len(labelled.kept.alert.evidence) - len(events),
        clears=alert_clears(labelled.kept.alert.rule),
        thresholds=_thresholds(viewer, labelled.kept.alert.course_id),
        snoozes=SNOOZES,
        now=services.clock(),
        stream=stream_address(services.live.mark, []),
    )


def _thresholds(viewer: PageViewer, course: str) -> str:
    """Where the numbers of the rule are set, for those who may."""
    return f"{course_link(course)}/alert-thresholds" if course and viewer.role is not Role.MANAGER else ""


def _show(
    request: AnyRequest, viewer: PageViewer, asked: InboxQuery, *, done: str = "", trouble: str = ""
) -> Response[str]:
    services = reach.alerts(request)
    # Before looking: what comes meanwhile is told.
    stream = stream_address(services.live.mark, [])
    return page(
        "alerts.html",
        400 if trouble else 200,
        title=say("inbox.title"),
        path="/alerts",
        stream=stream,
        courses=_courses(services, viewer, asked),
        rules={rule.name: alert_title(rule.name) for rule in rules_for(viewer.role)},
        severities=tuple(Severity),
        states=tuple(Standing),
        done=done,
        secret="",
        trouble=trouble,
        **_list(services, viewer, asked),
    )


def _list(services: AlertServices, viewer: PageViewer, asked: InboxQuery) -> dict[str, Any]:
    lines = find_lines(services, viewer, asked, read_place(asked.after))
    return {
        "viewer": viewer,
        "asked": asked,
        "lines": lines,
        "groups": group_lines(lines),
        "older": write_place(lines[-1].kept) if len(lines) == AT_ONCE else "",
        "snoozes": SNOOZES,
        "now": services.clock(),
    }


def _courses(services: AlertServices, viewer: PageViewer, asked: InboxQuery) -> Mapping[str, str]:
    """The courses to choose from; those who may see any course type its id."""
    known = sorted(viewer.course_ids | ({asked.course} if asked.course else set()))
    titles = services.campus.titles(known)
    return {course: titles.get(course, course) for course in known}


def _handle(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    asked = _asked(form)
    chosen = [UUID(text).bytes for text in form.texts("alert") if _is_key(text)]
    try:
        if form.text("do") == "message":
            return write_about_alerts(request, viewer, chosen, form)
        done = _act(reach.alerts(request), viewer, chosen, form)
    except RequestError as error:
        return _show(request, viewer, asked, trouble=words_for(error))
    return _show(request, viewer, asked, done=done)


def _act(services: AlertServices, viewer: PageViewer, chosen: list[bytes], form: Form) -> str:
    action = _ACTIONS.get(form.text("do"))
    if not chosen or action is None:
        raise RequestError("nothing_chosen", say("inbox.nothing_chosen"))
    return action(services, viewer, chosen, form)


def _acknowledge(services: AlertServices, viewer: PageViewer, chosen: list[bytes], _: Form) -> str:
    return plural("inbox.acknowledged", acknowledge_alerts(services, viewer, chosen).changed)


def _snooze(services: AlertServices, viewer: PageViewer, chosen: list[bytes], form: Form) -> str:
    span = SNOOZES.get(form.text("for"), SNOOZES["day"])
    return plural("inbox.snoozed", snooze_alerts(services, viewer, chosen, services.clock() + span).changed)


def _wake(services: AlertServices, viewer: PageViewer, chosen: list[bytes], _: Form) -> str:
    return plural("inbox.woken", snooze_alerts(services, viewer, chosen, None).changed)


_ACTIONS: dict[str, _Action] = {"acknowledge": _acknowledge, "snooze": _snooze, "wake": _wake}


def _asked(form: Form) -> InboxQuery:
    """The filters of the page that a form was sent from."""
    state = form.text("state")
    return InboxQuery(
        Standing(state) if state in set(Standing) else Standing.NEW,
        form.text("course")[:128],
        form.text("rule") if form.text("rule") in {rule.name for rule in RULES} else "",
        _severity(form.text("severity")),
    )


def _severity(text: str) -> Severity | None:
    return Severity(text) if text in set(Severity) else None


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


routes = [show_inbox, handle_alerts, refresh_inbox, show_count, show_alert]
