"""The search over all that somebody may see: a page of its own, and the list of the command palette."""

from __future__ import annotations

import asyncio

from litestar import Response, get

from coursepulse.dashboards.text import say
from coursepulse.web import reach
from coursepulse.web.dashboards.finding import find_all
from coursepulse.web.dashboards.pages import MOST_TYPED
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer


@get("/search", include_in_schema=False)
async def search(request: AnyRequest) -> Response[str]:
    """What holds the words in ``q``; without scripts as a page."""
    viewer = await asyncio.to_thread(page_viewer, request)
    typed = " ".join(request.query_params.get("q", "")[:MOST_TYPED].split())
    groups = await asyncio.to_thread(find_all, reach.dashboards(request), viewer, typed)
    if request.headers.get("hx-request"):
        return page("parts/found.html", groups=groups)
    return page(
        "search.html",
        title=say("search.title"),
        path=request.url.path,
        viewer=viewer,
        typed=typed,
        groups=groups,
    )


routes = [search]
