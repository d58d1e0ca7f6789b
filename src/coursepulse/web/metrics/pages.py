"""How the numbers are computed: each definition with an example, and the metrics that show it."""

from __future__ import annotations

import asyncio

from litestar import MediaType, Response, get
from litestar.params import FromPath

from coursepulse.dashboards.language import SOURCE, language
from coursepulse.dashboards.text import say
from coursepulse.dashboards.words import metric_title
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog import DEFINITION_VERSION, METRICS
from coursepulse.metrics.metric import Metric
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer
from coursepulse.web.metrics.definitions import definitions, vectors


@get("/definitions", include_in_schema=False)
async def show_definitions(request: AnyRequest) -> Response[str]:
    """One section per definition. Cards link to the section of their metric."""
    return page(
        "definitions.html",
        title=say("definitions.title"),
        path=request.url.path,
        viewer=await asyncio.to_thread(page_viewer, request),
        definitions=definitions().values(),
        metrics=_by_definition(),
        version=DEFINITION_VERSION,
        metric_name=metric_name,
        # The rules themselves are written once, in the language of the documentation; what they mean, in each.
        translated=language() != SOURCE,
    )


@get("/definitions/vectors/{name:str}", include_in_schema=False)
async def show_vector(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    """One test vector as JSON."""
    await asyncio.to_thread(page_viewer, request)
    vector = vectors().get(name)
    if vector is None:
        raise RequestError("unknown_address", say("trouble.unknown"), 404)
    return Response(vector.example, media_type=MediaType.JSON)


def metric_name(slug: str) -> str:
    """The title of a metric."""
    return metric_title(METRICS[slug])


def _by_definition() -> dict[str, list[Metric]]:
    found: dict[str, list[Metric]] = {}
    for metric in METRICS.values():
        found.setdefault(metric.section, []).append(metric)
    return found


routes = [show_definitions, show_vector]
