"""The page on which instructors set the thresholds of their course."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath

from coursepulse.access.viewer import Role
from coursepulse.alerts.rule import Rule, Threshold
from coursepulse.dashboards.alert_words import alert_clears, alert_title
from coursepulse.dashboards.links import course_link
from coursepulse.dashboards.text import plural, say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.alerts.service import change_thresholds, find_rule, read_thresholds, rules_of
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.outcome import NOTHING_SENT, Outcome
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer


class ThresholdField(NamedTuple):
    """A number on the page. ``own`` is empty where the course goes by the usual number."""

    threshold: Threshold
    own: str
    usual: str
    bounds: str


class RuleForm(NamedTuple):
    """A rule on the page."""

    rule: Rule
    title: str
    clears: str
    fields: list[ThresholdField]


# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/courses/{course_id:str}/alert-thresholds", include_in_schema=False)
async def show_thresholds(request: AnyRequest, course_id: FromPath[str]) -> Response[str]:
    """Every rule about this course and its students."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.INSTRUCTOR, Role.ADMIN)
    return await asyncio.to_thread(_show, request, viewer, course_id)


@post("/courses/{course_id:str}/alert-thresholds", include_in_schema=False)
async def save_thresholds(request: AnyRequest, course_id: FromPath[str]) -> Response[str]:
    """Set the numbers of one rule."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.INSTRUCTOR, Role.ADMIN)
    form = await read_own_form(request)
    return await asyncio.to_thread(_save, request, viewer, course_id, form)


def _save(request: AnyRequest, viewer: PageViewer, course: str, form: Form) -> Response[str]:
    try:
        rule = find_rule(form.text("rule"))
        values = {each.name: _read_number(form.text(each.name)) for each in rule.thresholds}
        change_thresholds(reach.alerts(request), viewer, course, rule, values)
    except RequestError as error:
        if error.code == "forbidden":
            raise
        return _show(request, viewer, course, Outcome(trouble=error))
    return _show(request, viewer, course, Outcome(say("thresholds.done", rule=alert_title(rule.name))))


def _show(
    request: AnyRequest,
    viewer: PageViewer,
    course: str,
    outcome: Outcome = NOTHING_SENT,
) -> Response[str]:
    services = reach.alerts(request)
    thresholds = read_thresholds(services, viewer, course)
    title = services.campus.titles([course]).get(course, course)
    return page(
        "alert_thresholds.html",
        outcome.status,
        title=say("thresholds.title", course=title),
        path=f"{course_link(course)}/alert-thresholds",
        viewer=viewer,
        rules=[_form(rule, thresholds.own(rule, course)) for rule in rules_of(course) if rule.thresholds],
        **outcome.shown,
    )


def _form(rule: Rule, own: Mapping[str, float]) -> RuleForm:
    fields = [_field(each, own.get(each.name)) for each in rule.thresholds]
    return RuleForm(rule, alert_title(rule.name), alert_clears(rule.name), fields)


def _field(threshold: Threshold, own: float | None) -> ThresholdField:
    usual = plural(f"alert.amount.{threshold.unit}", int(threshold.default))
    most = plural(f"alert.amount.{threshold.unit}", int(threshold.most))
    return ThresholdField(
        threshold,
        "" if own is None else f"{own:g}",
        say("thresholds.usual", usual=usual),
        say("thresholds.bounds", least=f"{threshold.least:g}", most=most),
    )


def _read_number(text: str) -> float | None:
    """A number, or None where the field was left empty."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        raise RequestError("not_a_number", say("thresholds.not_a_number", value=text[:32])) from None


routes = [show_thresholds, save_thresholds]
