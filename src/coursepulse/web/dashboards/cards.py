"""One card by itself: as HTML for a refresh, and as its JSON and CSV twins."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.dashboards.downloads import as_csv, as_json
from coursepulse.web.dashboards.page_files import card_pdf
from coursepulse.web.dashboards.pages import MOST_TYPED
from coursepulse.web.dashboards.service import answer as answer_card
from coursepulse.web.dashboards.shown import LAST_PAGE, LONGEST_SORT, CardRequest, ShownCard
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.chosen_days import read_days
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer
from coursepulse.web.metrics.pages import metric_name

#: A refresh says what the reader sees already, and gets "no content" when that is still right.
PRINT = "X-Card-Print"

#: What leaves as a file, and every form of a card but HTML.
_FILES = ("csv", "pdf")
_FORMS = ("json", *_FILES)

Page = Annotated[int, QueryParameter(le=LAST_PAGE)]
Sort = Annotated[str, QueryParameter(max_length=LONGEST_SORT)]
Typed = Annotated[str, QueryParameter(max_length=MOST_TYPED)]


@get("/cards/{name:str}", include_in_schema=False, sync_to_thread=True)
def show_card(
    request: AnyRequest,
    name: FromPath[str],
    course: FromQuery[str] = "",
    student: FromQuery[str] = "",
    video: FromQuery[str] = "",
    team: FromQuery[str] = "",
    page: Page = 1,
    sort: Sort = "",
    search: Typed = "",
    bucket: Typed = "",
    engagement: Typed = "",
    status: Annotated[str, QueryParameter(name="status", max_length=MOST_TYPED)] = "",
    step: Typed = "",
    measure: Typed = "",
    sheet: FromQuery[bool] = False,
) -> Response[Any]:
    """``/cards/{slug}``, and with ``.json``, ``.csv`` or ``.pdf`` behind it the same rows in another form."""
    card, form = _find_card(name)
    card_request = CardRequest(
        course=course,
        student=student,
        video=video,
        team=team,
        page=page,
        sort=sort,
        search=search,
        bucket=bucket,
        engagement=engagement,
        status=status,
        step=step,
        measure=measure,
        **read_days(request)._asdict(),
    )
    viewer = page_viewer(request)
    whole = bool(form)
    shown = answer_card(
        card, card_request, reach.dashboards(request), viewer, whole=whole, export=form in _FILES, alone=whole
    )
    return _as(form, shown, viewer, request, for_sheet=sheet)


def _find_card(name: str) -> tuple[Card, str]:
    """The card of an address, and the form in which its rows are wanted; an empty one for the page.

    :raises RequestError: 404 when there is none
    """
    slug, _, form = name.partition(".")
    card = all_cards().get(slug)
    if card is None or name not in (slug, *(f"{slug}.{each}" for each in _FORMS)):
        raise RequestError("unknown_card", say("trouble.unknown"), 404)
    return card, form


def _as(
    form: str, shown: ShownCard, viewer: PageViewer, request: AnyRequest, *, for_sheet: bool
) -> Response[Any]:
    match form:
        case "json":
            return as_json(shown)
        case "csv":
            return as_csv(shown, for_sheet=for_sheet)
        case "pdf":
            return card_pdf(request, reach.dashboards(request), viewer, shown)
        case _:
            return _as_html(shown, viewer, request)


def _as_html(shown: ShownCard, viewer: PageViewer, request: AnyRequest) -> Response[Any]:
    seen = request.headers.get(PRINT, "")
    if seen == shown.print:
        return Response(None, status_code=204)
    answer = page("parts/card.html", shown=shown, viewer=viewer, metric_name=metric_name)
    turns = shown.card.sort_orders or shown.pages > 1 or shown.card.view.offers
    if shown.linked and _was_asked(shown, request) and turns:
        # Turned, sorted or narrowed by the reader: the address of the page says so from now on.
        answer.headers["HX-Push-Url"] = shown.link_to().href
    return answer


def _was_asked(shown: ShownCard, request: AnyRequest) -> bool:
    """Whether the reader asked, by a part of the card. A refresh is asked for by the card itself, which htmx names."""
    return "hx-request" in request.headers and request.headers.get("hx-trigger") != f"card-{shown.anchor}"


routes = [show_card]
