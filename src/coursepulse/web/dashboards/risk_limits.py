"""The risk limits of a course, as page and API read and set them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from coursepulse.access.decide import Action, CourseSubject
from coursepulse.access.viewer import Viewer
from coursepulse.dashboards.text import say
from coursepulse.definitions.risk import LIMIT_BOUNDS, USUAL_LIMITS, RiskLimits
from coursepulse.kit.errors import RequestError
from coursepulse.web.audit.writing import note, require

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

#: How the trail calls it.
CHANGED, REFUSED = "risk:course:changed", "risk:course:refused"


def require_change(services: DashboardServices, viewer: Viewer, course: str) -> None:
    """Let nobody pass who may not set the limits of a course, and record those who tried.

    :raises RequestError: ``forbidden``
    """
    require(services, viewer, Action.CHANGE, CourseSubject(course), REFUSED, course)


def read_limits(services: DashboardServices, course: str) -> RiskLimits:
    """What holds in a course now."""
    return services.risk_limits.at(services.clock()).get(course, USUAL_LIMITS)


def make_limits(values: Mapping[str, int]) -> RiskLimits:
    """Limits of a number for each name.

    :raises RequestError: ``limits_out_of_bounds``
    """
    for name, (least, most) in LIMIT_BOUNDS.items():
        if not least <= values[name] <= most:
            sentence = say("limits.bounds", least=least, most=most)
            raise RequestError("limits_out_of_bounds", sentence, path=f"$.values.{name}")
    limits = RiskLimits(**values)
    if limits.low_score > limits.high_score:
        raise RequestError("limits_out_of_bounds", say("limits.order"), path="$.values.low_score")
    return limits


def set_limits(services: DashboardServices, viewer: Viewer, course: str, limits: RiskLimits) -> None:
    """Set the limits of a course from now on."""
    # Before it happens: what the trail cannot record must not happen.
    told = " ".join(f"{name}={value:g}" for name, value in limits._asdict().items())
    note(services, viewer, CHANGED, course, told)
    services.risk_limits.change(course, limits, viewer.subject, services.clock())
