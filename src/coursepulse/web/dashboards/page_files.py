"""A whole page as a file: PDF of its cards, or their CSVs in one archive, from the rows of the screen."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from litestar import Response

from coursepulse.access.viewer import Role
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.text import say
from coursepulse.metrics.catalog import find_metric
from coursepulse.reports.pdf import print_paper
from coursepulse.web.dashboards.downloads import as_csv, file_name, name_file
from coursepulse.web.dashboards.papers import PaperHead, Part, write_paper
from coursepulse.web.dashboards.service import answer
from coursepulse.web.dashboards.shown import CardRequest, ShownCard
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

#: The forms of a page, as ``?file=`` in its address names them.
PDF, CSV = "pdf", "csv"
FORMS = (PDF, CSV)

#: In an archive: which cards are missing, and why.
MISSING = "missing.txt"

#: The header that says how many cards could not be read.
CARDS_MISSING = "Cards-Missing"

#: In the state of a request: who had a scheduled report made, where that is not its reader; and whether it goes where
#: our rights do not reach, and so must name nobody but its reader.
ORDERED_BY, UNNAMED = "ordered_by", "unnamed"


class PagePart(NamedTuple):
    """Cards of a page that stand under one name; empty where there is only one part."""

    name: str
    cards: Sequence[tuple[Card, CardRequest]]


def wanted_file(request: AnyRequest) -> str:
    """The form in which the page is wanted; empty for the page itself."""
    form = str(request.query_params.get("file", ""))
    return form if form in FORMS else ""


def page_file(
    request: AnyRequest,
    services: DashboardServices,
    viewer: PageViewer,
    title: str,
    lead: str,
    parts: Sequence[PagePart],
) -> Response[bytes]:
    """The page in the form that its address asks for. Not for the loop.

    :raises RequestError: ``forbidden`` when the viewer may not take it away
    """
    unnamed = bool(request.scope["state"].get(UNNAMED))
    shown = [
        (part.name, [_answer(*each, services, viewer, unnamed=unnamed) for each in part.cards])
        for part in parts
    ]
    if wanted_file(request) == CSV:
        return _archive(title, shown)
    head = PaperHead(title, lead, services.clock(), _ordered_by(request, viewer), viewer.name)
    return _pdf(services, head, shown, name_file((title, _span(shown)), PDF))


def card_pdf(
    request: AnyRequest, services: DashboardServices, viewer: PageViewer, shown: ShownCard
) -> Response[bytes]:
    """One card on paper. Not for the loop."""
    card = shown.card
    about = shown.request.course or shown.request.team
    head = PaperHead(card.title, about, services.clock(), _ordered_by(request, viewer), viewer.name)
    return _pdf(services, head, [("", [shown])], file_name(shown, PDF))


def _answer(
    card: Card, card_request: CardRequest, services: DashboardServices, viewer: PageViewer, *, unnamed: bool
) -> ShownCard:
    """A card for a file. Of a leaderboard, students see on the screen what they may not carry away."""
    if unnamed and _names_others(card, viewer):
        return _left_out(card, card_request, services, say("paper.unnamed"))
    if card.source.board and not answer(card, card_request, services, viewer).exportable:
        return _left_out(card, card_request, services, say("paper.stays"))
    return answer(card, card_request, services, viewer, whole=True, export=True)


def _names_others(card: Card, viewer: PageViewer) -> bool:
    named = (find_metric(metric).named or find_metric(metric).board for metric in card.read_metrics)
    return viewer.role is not Role.STUDENT and any(named)


def _left_out(card: Card, card_request: CardRequest, services: DashboardServices, why: str) -> ShownCard:
    period = card_request.chosen.period(services.clock())
    return ShownCard(card=card, request=card_request, days=period.days, period=period, trouble=why)


def _ordered_by(request: AnyRequest, viewer: PageViewer) -> str:
    return str(request.scope["state"].get(ORDERED_BY) or viewer.name)


def _pdf(services: DashboardServices, head: PaperHead, parts: Sequence[Part], name: str) -> Response[bytes]:
    pages = print_paper(write_paper(head, parts), services.settings.report_fonts)
    return _attachment(pages, "application/pdf", name, parts)


def _archive(title: str, parts: Sequence[Part]) -> Response[bytes]:
    """The CSV of each card that could be read, as a spreadsheet reads it, and which could not."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, cards) in enumerate(parts, 1):
            folder = f"{number}-{name_file((name,), '').rstrip('.')}/" if name else ""
            for shown in cards:
                if not shown.trouble:
                    archive.writestr(folder + file_name(shown), as_csv(shown, for_sheet=True).content)
        if missing := [f"{shown.card.title}: {shown.trouble}" for shown in _troubled(parts)]:
            archive.writestr(MISSING, "\n".join([*missing, ""]))
    return _attachment(made.getvalue(), "application/zip", name_file((title, _span(parts)), "zip"), parts)


def _span(parts: Sequence[Part]) -> str:
    periods = [shown.period for _, each in parts for shown in each if shown.period]
    longest = max(periods, key=attrgetter("end"), default=None)
    return f"{longest.start.isoformat()}--{longest.end.isoformat()}" if longest else ""


def _troubled(parts: Sequence[Part]) -> list[ShownCard]:
    return [shown for _, cards in parts for shown in cards if shown.trouble]


def _attachment(content: bytes, media_type: str, name: str, parts: Sequence[Part]) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if failed := sum(shown.failed for shown in _troubled(parts)):
        headers[CARDS_MISSING] = str(failed)
    return Response(content, media_type=media_type, headers=headers)
