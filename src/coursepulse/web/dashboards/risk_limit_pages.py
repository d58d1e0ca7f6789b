"""Where the risk matrix of a course is cut: what holds, what other numbers would do, and since when which held."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath

from coursepulse.access.viewer import Role
from coursepulse.dashboards.format import count, show
from coursepulse.dashboards.links import course_link, risk_limits_link
from coursepulse.dashboards.text import say
from coursepulse.definitions.risk import LIMIT_BOUNDS, USUAL_LIMITS, Bucket, RiskLimits
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.metric import Unit
from coursepulse.metrics.query import Query
from coursepulse.web import reach
from coursepulse.web.dashboards import titles
from coursepulse.web.dashboards.risk_limits import make_limits, read_limits, require_change, set_limits
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.outcome import NOTHING_SENT, Outcome
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

#: Buckets whose numbers depend on the limits.
_MOVED = (Bucket.STRUGGLING, Bucket.ON_TRACK, Bucket.EXCELLING)


class LimitField(NamedTuple):
    """A number on the page."""

    name: str
    value: str
    least: int
    most: int


class MovedBucket(NamedTuple):
    """How many are in a bucket, and how many would be."""

    bucket: str
    now: str
    then: str


class Effect(NamedTuple):
    """What other limits would do to the class.

    :param says: one sentence
    """

    says: str
    buckets: Sequence[MovedBucket]


# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/courses/{course_id:str}/risk-thresholds", include_in_schema=False)
async def show_limits(request: AnyRequest, course_id: FromPath[str]) -> Response[str]:
    """What holds, and since when."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.INSTRUCTOR, Role.ADMIN)
    return await asyncio.to_thread(_show, request, viewer, course_id, None)


@post("/courses/{course_id:str}/risk-thresholds", include_in_schema=False)
async def change_limits(request: AnyRequest, course_id: FromPath[str]) -> Response[str]:
    """Try other limits, or set them."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.INSTRUCTOR, Role.ADMIN)
    form = await read_own_form(request)
    return await asyncio.to_thread(_change, request, viewer, course_id, form)


def _change(request: AnyRequest, viewer: PageViewer, course: str, form: Form) -> Response[str]:
    services = reach.dashboards(request)
    require_change(services, viewer, course)
    try:
        limits = USUAL_LIMITS if form.text("do") == "usual" else _read_limits(form)
    except RequestError as error:
        return _show(request, viewer, course, None, Outcome(trouble=error))
    if form.text("do") == "try":
        return _show(request, viewer, course, limits)
    set_limits(services, viewer, course, limits)
    return _show(request, viewer, course, None, Outcome(say("limits.done")))


def _show(
    request: AnyRequest,
    viewer: PageViewer,
    course: str,
    tried: RiskLimits | None,
    outcome: Outcome = NOTHING_SENT,
) -> Response[str]:
    services = reach.dashboards(request)
    require_change(services, viewer, course)
    now = read_limits(services, course)
    name = titles.course_title(services, viewer, course)
    return page(
        "risk_limits.html",
        outcome.status,
        title=say("limits.title", course=name),
        path=risk_limits_link(course),
        trail=[(say(f"nav.{viewer.role.value}"), "/"), (name, course_link(course))],
        viewer=viewer,
        fields=[_field(each, tried or now) for each in LIMIT_BOUNDS],
        effect=_effect(services, viewer, course, now, tried) if tried else None,
        tried=tried is not None,
        usual=now == USUAL_LIMITS,
        usual_limits=USUAL_LIMITS,
        history=[
            (show(each.since, Unit.MOMENT), each.limits, each.account == viewer.subject)
            for each in services.risk_limits.history(course)
        ],
        **outcome.shown,
    )


def _field(name: str, limits: RiskLimits) -> LimitField:
    least, most = LIMIT_BOUNDS[name]
    return LimitField(name, f"{getattr(limits, name):g}", least, most)


def _read_limits(form: Form) -> RiskLimits:
    """:raises RequestError: ``limits_out_of_bounds``"""
    return make_limits(
        {name: _read_number(form.text(name), *bounds) for name, bounds in LIMIT_BOUNDS.items()}
    )


def _read_number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise RequestError("limits_out_of_bounds", say("limits.bounds", least=least, most=most))
    return int(text)


def _effect(
    services: DashboardServices, viewer: PageViewer, course: str, now: RiskLimits, tried: RiskLimits
) -> Effect | None:
    """What the class would look like, for those who may see it one by one."""
    if viewer.role is not Role.INSTRUCTOR:
        return None
    before, after = (_count(services, viewer, course, limits) for limits in (now, tried))
    says = say(
        "limits.effect",
        then=count(after[Bucket.STRUGGLING]),
        of=count(sum(after.values())),
        now=count(before[Bucket.STRUGGLING]),
    )
    rows = [MovedBucket(each.value, count(before[each]), count(after[each])) for each in _MOVED]
    return Effect(says, rows)


def _count(
    services: DashboardServices, viewer: PageViewer, course: str, limits: RiskLimits
) -> Mapping[str, int]:
    query = Query(metric="course_risk", course=course, limits=((course, limits),))
    return Counter(row["bucket"] for row in services.metrics.run(query, viewer).records())


routes = [show_limits, change_limits]
