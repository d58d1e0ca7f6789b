"""How the numbers are computed: the declaration of every metric, as people read it."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, get

from coursepulse.metrics.catalog import DEFINITION_VERSION, METRICS
from coursepulse.web.pages.render import page
from coursepulse.web.pages.viewer import page_viewer
from coursepulse.web.text import say


@get("/definitions", include_in_schema=False)
async def show_definitions(request: Request[Any, Any, Any]) -> Response[str]:
    """One section per metric; cards link to theirs."""
    return page(
        "definitions.html",
        title=say("definitions.title"),
        path=request.url.path,
        viewer=await asyncio.to_thread(page_viewer, request),
        metrics=METRICS.values(),
        version=DEFINITION_VERSION,
    )


def metric_name(slug: str) -> str:
    """The title of a metric."""
    return METRICS[slug].title
