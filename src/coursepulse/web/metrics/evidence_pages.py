"""The page that says why a number is what it is, with its JSON and CSV twins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import MediaType, Response, get
from litestar.params import FromPath

from coursepulse.dashboards.evidence import Sheet, describe
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.evidence.answer import Explained
from coursepulse.web import reach
from coursepulse.web.http.chosen_days import DAYS, read_days
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer
from coursepulse.web.metrics.evidence import NumberRequest, refuse_unused
from coursepulse.web.metrics.evidence_api import as_csv, show
from coursepulse.web.metrics.pages import metric_name


@get("/evidence/{name:str}", include_in_schema=False, sync_to_thread=True)
def show_evidence(request: AnyRequest, name: FromPath[str]) -> Response[Any]:
    """``/evidence/{metric}``, ``.json`` or ``.csv``, all from the same items."""
    slug, _, form = name.partition(".")
    if slug not in METRICS or name not in (slug, f"{slug}.json", f"{slug}.csv"):
        raise RequestError("unknown_address", say("trouble.unknown"), 404)
    viewer, services = page_viewer(request), reach.metrics(request)
    given = dict(request.query_params)
    refuse_unused(METRICS[slug], given, *DAYS)
    period = read_days(request).period(services.clock())
    asked = NumberRequest(slug, given, period.start, period.after)
    explained = asked.explain(services.metrics, viewer, export=form == "csv")
    if form == "json":
        return Response(msgspec.json.encode(show(explained)), media_type=MediaType.JSON)
    if form == "csv":
        return as_csv(explained)
    return _as_page(request, viewer, explained, slug, given)


def _as_page(
    request: AnyRequest, viewer: object, explained: Explained, slug: str, given: Mapping[str, str]
) -> Response[str]:
    sheet: Sheet = describe(explained, slug, given)
    return page(
        "evidence.html",
        title=sheet.title,
        path=request.url.path,
        viewer=viewer,
        sheet=sheet,
        metric_name=metric_name,
    )


routes = [show_evidence]
