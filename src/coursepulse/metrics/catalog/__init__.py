"""Every metric there is, declared once. The API, the command line, the docs and the tests walk ``METRICS``."""

from __future__ import annotations

from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog.course import COURSE_METRICS
from coursepulse.metrics.catalog.platform import PLATFORM_METRICS
from coursepulse.metrics.catalog.student import STUDENT_METRICS
from coursepulse.metrics.catalog.team import TEAM_METRICS
from coursepulse.metrics.metric import Metric, Scope

#: The version of docs/reference/definitions.md that every number follows.
DEFINITION_VERSION = "v2"

#: Metrics by slug.
METRICS: dict[str, Metric] = {
    metric.slug: metric for metric in STUDENT_METRICS + COURSE_METRICS + TEAM_METRICS + PLATFORM_METRICS
}

#: Metrics whose rows name the students of a course or team: looking at one is looking at each of them.
NAMING_METRICS = tuple(
    slug for slug, metric in METRICS.items() if metric.named and metric.scope in (Scope.COURSE, Scope.TEAM)
)


def find_metric(slug: str) -> Metric:
    """The metric with this slug.

    :raises RequestError: ``unknown_metric``
    """
    if slug not in METRICS:
        raise RequestError(
            "unknown_metric", f"`{slug[:64]}` is not a metric; GET /v1/metrics lists them.", 404
        )
    return METRICS[slug]
