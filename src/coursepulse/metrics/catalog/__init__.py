"""Every metric there is, declared once. The API, the command line, the docs and the tests walk ``METRICS``."""

from __future__ import annotations

from collections.abc import Iterator

from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog.business import BUSINESS_METRICS
from coursepulse.metrics.catalog.course import COURSE_METRICS
from coursepulse.metrics.catalog.outcomes import OUTCOME_METRICS
from coursepulse.metrics.catalog.platform import PLATFORM_METRICS
from coursepulse.metrics.catalog.predictions import PREDICTION_METRICS
from coursepulse.metrics.catalog.quality import QUALITY_METRICS
from coursepulse.metrics.catalog.student import STUDENT_METRICS
from coursepulse.metrics.catalog.system import SYSTEM_METRICS
from coursepulse.metrics.catalog.team import TEAM_METRICS
from coursepulse.metrics.evidence.proof import Proof
from coursepulse.metrics.metric import EVIDENCE, Metric, Scope

#: The version of docs/reference/definitions.md that every number follows.
DEFINITION_VERSION = "v2"

_ALL = (
    *STUDENT_METRICS,
    *COURSE_METRICS,
    *PREDICTION_METRICS,
    *TEAM_METRICS,
    *PLATFORM_METRICS,
    *BUSINESS_METRICS,
    *OUTCOME_METRICS,
    *QUALITY_METRICS,
    *SYSTEM_METRICS,
)

#: Metrics by slug.
METRICS: dict[str, Metric] = {metric.slug: metric for metric in _ALL}

#: Metrics whose rows name the students of a course or team: looking at one is looking at each of them.
NAMING_METRICS = tuple(
    slug for slug, metric in METRICS.items() if metric.named and metric.scope in (Scope.COURSE, Scope.TEAM)
)


def _named_by_evidence() -> Iterator[str]:
    for slug, metric in METRICS.items():
        for column, proof in metric.evidence.items():
            if isinstance(proof, Proof) and (proof.people or slug in NAMING_METRICS):
                yield f"{EVIDENCE}{slug}.{column}"


#: How the trail calls a look at the students of a course or team: a list of them, or a number with who is behind it.
LOOKS_AT_STUDENTS = (*NAMING_METRICS, *_named_by_evidence())


def find_metric(slug: str) -> Metric:
    """The metric with this slug.

    :raises RequestError: ``unknown_metric``
    """
    if slug not in METRICS:
        raise RequestError(
            "unknown_metric", f"`{slug[:64]}` is not a metric; GET /v1/metrics lists them.", 404
        )
    return METRICS[slug]
