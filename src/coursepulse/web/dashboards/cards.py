"""One card by itself: as HTML for a refresh, and as its JSON and CSV twins."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.dashboards.downloads import as_csv, as_json
from coursepulse.web.dashboards.service import answer
from coursepulse.web.dashboards.shown import LAST_PAGE, CardRequest, ShownCard
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer
from coursepulse.web.metrics.pages import metric_name

#: A refresh says what the reader sees already, and gets "no content" when that is still right.
PRINT = "X-Card-Print"

Page = Annotated[int, QueryParameter(le=LAST_PAGE)]


@get("/cards/{name:str}", include_in_schema=False, sync_to_thread=True)
def show_card(
    request: AnyRequest,
    name: FromPath[str],
    course: FromQuery[str] = "",
    student: FromQuery[str] = "",
    video: FromQuery[str] = "",
    team: FromQuery[str] = "",
    days: FromQuery[int] = 0,
    page: Page = 1,
    sort: FromQuery[str] = "",
) -> Response[Any]:
    """``/cards/{slug}``, ``/cards/{slug}.json`` or ``/cards/{slug}.csv``, all from the same rows."""
    slug, _, form = name.partition(".")
    card = all_cards().get(slug)
    if card is None or name not in (slug, f"{slug}.json", f"{slug}.csv"):
        raise RequestError("unknown_card", say("trouble.unknown"), 404)
    services = reach.dashboards(request)
    card_request = CardRequest(course, student, video, team, days, page, sort)
    viewer = page_viewer(request)
    shown = answer(card, card_request, services, viewer, whole=bool(form), export=form == "csv")
    if form:
        return as_json(shown) if form == "json" else as_csv(shown)
    return _as_html(shown, request.headers.get(PRINT, ""))


def _as_html(shown: ShownCard, seen: str) -> Response[Any]:
    if seen == shown.print:
        return Response(None, status_code=204)
    return page("parts/card.html", shown=shown, metric_name=metric_name)


routes = [show_card]
