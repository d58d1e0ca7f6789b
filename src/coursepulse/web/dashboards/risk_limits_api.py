"""Risk thresholds of courses over HTTP, under the rights of their page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, put
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from coursepulse.collect.keys import READ
from coursepulse.definitions.risk import LIMIT_BOUNDS, USUAL_LIMITS, RiskLimits
from coursepulse.kit.clock import from_micros
from coursepulse.web import reach
from coursepulse.web.dashboards import titles
from coursepulse.web.dashboards.ports import DashboardServices
from coursepulse.web.dashboards.risk_limits import make_limits, read_limits, require_change, set_limits
from coursepulse.web.http.auth import api_viewer, brings
from coursepulse.web.http.request import AnyRequest


class RiskThreshold(msgspec.Struct, frozen=True):
    """A number at which the risk matrix is cut.

    :param value: what holds in the course
    :param usual: what holds in a course that has set none
    """

    name: str
    value: float
    usual: float
    least: float
    most: float


class RiskThresholdsSince(msgspec.Struct, frozen=True):
    """What held from a moment on, and the account that set it."""

    since: datetime
    values: dict[str, float]
    account: str


class RiskThresholds(msgspec.Struct, frozen=True):
    """Where the risk matrix of a course is cut.

    :param history: every change, the latest first
    """

    course: str
    thresholds: list[RiskThreshold]
    history: list[RiskThresholdsSince]


class RiskThresholdChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New numbers of a course.

    :param values: by name; null takes one back to the usual number, and what is left out stays
    """

    course: Annotated[str, Meta(min_length=1, max_length=128)]
    values: dict[Annotated[str, Meta(pattern=f"^({'|'.join(LIMIT_BOUNDS)})$")], int | None]


Course = Annotated[
    str, QueryParameter(description="The platform's id of a course.", min_length=1, max_length=128)
]


# Litestar loses the name of a handler that shares its path with another one.
@get(
    "/v1/risk-thresholds",
    operation_id="V1RiskThresholdsGetRiskThresholds",
    summary="GetRiskThresholds",
    tags=["metrics"],
    sync_to_thread=True,
)
def get_risk_thresholds(request: AnyRequest, course: Course) -> RiskThresholds:
    """Where the risk matrix of a course is cut, and since when which numbers held.

    For its instructors and for administrators who are signed in.
    """
    services, viewer = reach.dashboards(request), api_viewer(request, READ)
    require_change(services, viewer, course)
    # As on the page: a course that nobody knows has none.
    titles.course_title(services, viewer, course)
    return _describe(services, course)


@put(
    "/v1/risk-thresholds",
    operation_id="V1RiskThresholdsPutRiskThresholds",
    summary="PutRiskThresholds",
    guards=[brings(READ)],
    tags=["metrics"],
    sync_to_thread=True,
)
def put_risk_thresholds(request: AnyRequest, data: JSONBody[RiskThresholdChange]) -> RiskThresholds:
    """Set where the risk matrix of a course is cut, from now on. Numbers of the past keep theirs."""
    services, viewer = reach.dashboards(request), api_viewer(request, READ)
    require_change(services, viewer, data.course)
    titles.course_title(services, viewer, data.course)
    usual = USUAL_LIMITS._asdict()
    given = {name: usual[name] if value is None else value for name, value in data.values.items()}
    set_limits(
        services, viewer, data.course, make_limits(read_limits(services, data.course)._asdict() | given)
    )
    return _describe(services, data.course)


def _describe(services: DashboardServices, course: str) -> RiskThresholds:
    now = read_limits(services, course)
    return RiskThresholds(
        course,
        [
            RiskThreshold(name, getattr(now, name), getattr(USUAL_LIMITS, name), *bounds)
            for name, bounds in LIMIT_BOUNDS.items()
        ],
        [
            RiskThresholdsSince(from_micros(each.since), _values(each.limits), each.account)
            for each in services.risk_limits.history(course)
        ],
    )


def _values(limits: RiskLimits) -> dict[str, float]:
    return dict(limits._asdict())


routes = [get_risk_thresholds, put_risk_thresholds]
