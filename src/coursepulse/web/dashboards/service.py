"""Answering a card: what it is about, which days, which rows, and what to say when that cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import structs

from coursepulse.access.viewer import Role
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.links import leaderboard_link
from coursepulse.dashboards.reader import CardSubject, MetricReader, RowRange, Rows
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError, StoreUnavailable
from coursepulse.metrics.metric import Scope
from coursepulse.metrics.wanted import CHOICES
from coursepulse.privacy.small_groups import SUPPRESSED
from coursepulse.web.dashboards.alert_looks import AlertLooks
from coursepulse.web.dashboards.shown import CardRequest, ShownCard, sort_of, sort_rows
from coursepulse.web.http.auth import PageViewer

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices


def answer(
    card: Card,
    card_request: CardRequest,
    services: DashboardServices,
    viewer: PageViewer,
    *,
    whole: bool = False,
    export: bool = False,
    alone: bool = False,
) -> ShownCard:
    """One card; ``whole`` for all rows of a table that the page shows in parts, ``export`` for a file.

    A card that cannot be read says so, and takes nothing else with it.

    :param alone: the card is all that was asked for, so what goes wrong is the error of the whole answer
    :raises RequestError: when the viewer may not see it, or it is about nothing that exists
    """
    _refuse_judgement(card, viewer)
    period = card_request.chosen.period(services.clock())
    alerts, chosen = AlertLooks(services, viewer), _choose(card, card_request)
    part, subject = _part(card, card_request, whole=whole), subject_of(card_request)
    reader = MetricReader(
        services.metrics, viewer, subject, period, part=part, export=export, alerts=alerts, chosen=chosen
    )
    shown = ShownCard(
        card=card, request=card_request, days=period.days, period=period, linked=not viewer.embedded
    )
    try:
        rows = card.view.read(card, reader)
    except RequestError:
        raise
    except Exception as error:
        services.card_faults.note(card.slug, error)
        if alone:
            raise
        return _failed(shown, error)
    filled = _fill(shown, _marked(_in_order(card, card_request, rows), reader), reader, viewer)
    return structs.replace(filled, total_rows=reader.total if card.paged and not whole else None)


def _failed(shown: ShownCard, error: Exception) -> ShownCard:
    if isinstance(error, StoreUnavailable):
        return structs.replace(shown, trouble=say("trouble.store"))
    return structs.replace(shown, trouble=say("trouble.card"), failed=True)


def _fill(shown: ShownCard, rows: Rows, reader: MetricReader, viewer: PageViewer) -> ShownCard:
    """The card with its rows, and with what the reader found out about them."""
    return structs.replace(
        shown,
        rows=rows,
        period=reader.answered,
        as_of=reader.as_of,
        version=reader.version,
        small_group=reader.small_group,
        lacks_consent=reader.lacks_consent,
        exportable=reader.exportable,
        own=viewer.role is Role.STUDENT and reader.subject.student == viewer.student_id,
        moderated=leaderboard_link(shown.request.course) if _moderates(shown.card, viewer) else "",
    )


def _marked(rows: Rows, reader: MetricReader) -> Rows:
    """Where small groups are hidden every row says whether it hides something; one that a view has made hides nothing,
    as it does not speak of what is hidden."""
    return rows if reader.small_group is None else [{SUPPRESSED: False} | row for row in rows]


def _choose(card: Card, card_request: CardRequest) -> dict[str, str]:
    """What was chosen of what the card offers; anything else is the usual."""
    offered = card.view.offers
    return {name: value for name, value in card_request.choices.items() if value in offered.get(name, ())}


def _refuse_judgement(card: Card, viewer: PageViewer) -> None:
    """Students are told of steps, and not of risk."""
    if viewer.role is Role.STUDENT and card in DASHBOARDS[Dashboard.STUDIED]:
        raise RequestError("forbidden", "You may not see this.", 403)


async def answer_all(
    requests: Iterable[tuple[Card, CardRequest]], services: DashboardServices, viewer: PageViewer
) -> list[ShownCard]:
    """The cards of a page, asked for side by side."""
    found = await asyncio.gather(
        *(
            asyncio.to_thread(_answer_if_there, card, card_request, services, viewer)
            for card, card_request in requests
        )
    )
    return [card for card in found if card is not None]


def _answer_if_there(
    card: Card, card_request: CardRequest, services: DashboardServices, viewer: PageViewer
) -> ShownCard | None:
    """A leaderboard is for those who are in the course now; the page of one who has finished goes on without it."""
    try:
        return answer(card, card_request, services, viewer)
    except RequestError as error:
        if error.code == "forbidden" and card.source.board and viewer.role is Role.STUDENT:
            return None
        raise


def subject_of(card_request: CardRequest) -> CardSubject:
    """Who or what a request is about.

    :raises RequestError: ``unknown_student`` for something that is no pseudonym
    """
    student = student_bytes(card_request.student) if card_request.student else None
    return CardSubject(card_request.course, student, card_request.video, card_request.team)


def student_bytes(text: str) -> bytes:
    """The pseudonym in an address.

    :raises RequestError: ``unknown_student``
    """
    try:
        return UUID(text).bytes
    except ValueError:
        raise RequestError("unknown_student", say("trouble.unknown"), 404) from None


def _moderates(card: Card, viewer: PageViewer) -> bool:
    """Those who teach a course may remove names from its leaderboard."""
    return card.source.board and card.source.scope is Scope.COURSE and viewer.role is Role.INSTRUCTOR


def _part(card: Card, card_request: CardRequest, *, whole: bool) -> RowRange:
    if not card.paged:
        return RowRange()
    size, limit = card.view.page_size, None if whole else card.view.page_size
    offset = 0 if whole else (max(1, card_request.page) - 1) * size
    return RowRange(sort_of(card, card_request), offset, limit, **_on_offer(card, card_request))


def _on_offer(card: Card, card_request: CardRequest) -> dict[str, str]:
    """The filters that the metric knows; what it does not know narrows nothing, like an order that is not on offer."""
    takes = {param.value: param for param in card.source.takes}
    return {
        name: value
        for name, value in card_request.filters.items()
        if name in takes and value in CHOICES.get(takes[name], (value,))
    }


def _in_order(card: Card, card_request: CardRequest, rows: Rows) -> Rows:
    return rows if card.paged or not card.sort_orders else sort_rows(rows, sort_of(card, card_request))
