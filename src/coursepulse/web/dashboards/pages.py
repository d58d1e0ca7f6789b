"""The pages that are made of cards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import islice, starmap
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, Unpack
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from coursepulse.access.grants import AccessGrant
from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.language import day_here
from coursepulse.dashboards.links import course_link, student_link
from coursepulse.dashboards.period import SPANS, Period
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog import find_metric
from coursepulse.metrics.metric import is_board_of, is_shared
from coursepulse.web import reach
from coursepulse.web.break_glass.pages import refused
from coursepulse.web.break_glass.service import find_open_grant, may_open
from coursepulse.web.dashboards import titles
from coursepulse.web.dashboards.beginnings import FirstStep, find_steps
from coursepulse.web.dashboards.page_files import FORMS, PagePart, page_file, wanted_file
from coursepulse.web.dashboards.service import answer_all
from coursepulse.web.dashboards.shown import (
    CHOICES,
    FILTERS,
    CardRequest,
    ShownCard,
    anchor_of,
    arrange,
    begin,
    follows_of,
    invalid_sort,
    part,
    read_page,
)
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.chosen_days import DAYS, read_days
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer
from coursepulse.web.live.streams import stream_address
from coursepulse.web.live.subjects import ALERTS
from coursepulse.web.metrics.pages import metric_name

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

#: Characters of what somebody typed into a field of a page.
MOST_TYPED = 128

Trail = Sequence[tuple[str, str]]


def ask_about(
    request: AnyRequest, *, course: str = "", student: str = "", video: str = "", team: str = ""
) -> CardRequest:
    """What the cards of a page are about, on the days that its address asks for."""
    return CardRequest(course, student, video, team, **read_days(request)._asdict())


@get("/students/{student_id:str}", include_in_schema=False)
async def student(request: AnyRequest, student_id: FromPath[str]) -> Response[Any]:
    """One student, by pseudonym."""
    return await _record(request, ask_about(request, student=student_id))


@get("/courses/{course_id:str}", include_in_schema=False)
async def course(request: AnyRequest, course_id: FromPath[str]) -> Response[Any]:
    """One course, for those who teach it."""
    services = reach.dashboards(request)
    viewer = await asyncio.to_thread(page_viewer, request)
    title = await asyncio.to_thread(titles.course_title, services, viewer, course_id)
    card_request = ask_about(request, course=course_id)
    return await board(
        request,
        [card for card in DASHBOARDS[Dashboard.COURSE] if is_board_of(card.source, viewer)],
        card_request,
        title,
        say("course.lead"),
        [(home_name(viewer), "/")],
        others=[(say("compare.link"), f"{course_link(course_id)}/compare")]
        if len(viewer.course_ids) > 1
        else (),
    )


@get("/courses/{course_id:str}/students/{student_id:str}", include_in_schema=False)
async def learner(request: AnyRequest, course_id: FromPath[str], student_id: FromPath[str]) -> Response[Any]:
    """One student as far as one course is concerned: what those who teach it may see, and the student."""
    return await _record(request, ask_about(request, course=course_id, student=student_id))


async def _record(request: AnyRequest, card_request: CardRequest) -> Response[Any]:
    """The cards about a student, or the form that opens the record for those who may use it."""
    services = reach.dashboards(request)
    viewer = await asyncio.to_thread(page_viewer, request)
    opens = may_open(viewer)
    grant = (
        await asyncio.to_thread(find_open_grant, services, viewer, card_request.student) if opens else None
    )
    try:
        head = await asyncio.to_thread(_head, services, viewer, card_request)
        return await board(request, _cards(viewer, card_request), card_request, grant=grant, **head._asdict())
    except RequestError as error:
        if error.code != "forbidden" or not opens:
            raise
        return refused(request, viewer, card_request.student)


def _cards(viewer: Viewer, card_request: CardRequest) -> list[Card]:
    """The cards about a student: for those who lead a team what the student agreed to show them.

    Students see on the page of a course also what is about the whole of it. Those who teach the course see where the
    learner stands, which no student is told.
    """
    shared = [
        card
        for card in DASHBOARDS[Dashboard.STUDENT]
        if all(is_shared(find_metric(metric), viewer) for metric in (*card.needed_metrics, *card.related))
    ]
    if viewer.role is Role.STUDENT:
        return [*shared, *(DASHBOARDS[Dashboard.LEARNER] if card_request.course else ())]
    return [*(DASHBOARDS[Dashboard.STUDIED] if card_request.course else ()), *shared]


class _Head(NamedTuple):
    """What stands above the cards about a student: see :func:`board`."""

    title: str
    lead: str
    trail: Trail
    whole: str = ""


def _head(services: DashboardServices, viewer: Viewer, card_request: CardRequest) -> _Head:
    name, home = titles.student_name(services, card_request.student), (home_name(viewer), "/")
    if not card_request.course:
        return _Head(name, say("student.lead"), [home])
    course = titles.learners_course(services, viewer, card_request.course, card_request.student)
    if viewer.role is Role.STUDENT:
        return _Head(course, say("learner.own_lead"), [home])
    trail = [home, (course, course_link(card_request.course))]
    return _Head(name, say("learner.lead"), trail, student_link(card_request.student))


@get("/courses/{course_id:str}/videos/{video_id:str}", include_in_schema=False)
async def video(request: AnyRequest, course_id: FromPath[str], video_id: FromPath[str]) -> Response[Any]:
    """One video, second by second."""
    services = reach.dashboards(request)
    viewer = await asyncio.to_thread(page_viewer, request)
    title, name = await asyncio.gather(
        asyncio.to_thread(titles.course_title, services, viewer, course_id),
        asyncio.to_thread(titles.video_title, services, viewer, course_id, video_id),
    )
    trail = [(home_name(viewer), "/"), (title, course_link(course_id))]
    card_request = ask_about(request, course=course_id, video=video_id)
    return await board(request, DASHBOARDS[Dashboard.VIDEO], card_request, name, say("video.lead"), trail)


class Around(TypedDict, total=False):
    """What stands around the cards of a page.

    :param grant: the access grant by which the reader sees it, for a banner
    :param flagged: how many opened records the reader has to look into
    :param whole: where the whole record is of which this is a part
    :param others: what else there is, by name and address
    :param tabs: the pages that belong together with it, by name and address
    """

    grant: AccessGrant | None
    flagged: int
    whole: str
    others: Trail
    tabs: Trail


_NOTHING_AROUND = Around(grant=None, flagged=0, whole="", others=(), tabs=())


async def board(
    request: AnyRequest,
    cards: Sequence[Card],
    card_request: CardRequest,
    title: str,
    lead: str,
    trail: Trail = (),
    **around: Unpack[Around],
) -> Response[Any]:
    """A page of cards, asked for side by side; or the file of it that the address asks for."""
    viewer = await asyncio.to_thread(page_viewer, request)
    if wanted_file(request):
        whole = PagePart("", [(card, card_request) for card in cards])
        return await _file(request, viewer, title, lead, [whole])
    frame, shown = await _answer(request, viewer, [(card, card_request) for card in cards])
    steps = await _begin(request, viewer, card_request, shown)
    # Where nothing has begun a box for each thing that is missing says less than what to do.
    arranged = begin(shown) if steps else arrange(shown)
    return page(
        "board.html",
        title=title,
        lead=lead,
        trail=trail,
        **arranged._asdict(),
        parts=part(arranged.cards),
        steps=steps,
        subject=shown[0].subject if shown else "",
        **(_NOTHING_AROUND | around),
        **frame,
    )


async def _begin(
    request: AnyRequest, viewer: PageViewer, card_request: CardRequest, shown: Sequence[ShownCard]
) -> Sequence[FirstStep]:
    """What to do first, on a page with nothing to show yet."""
    consents = reach.dashboards(request).relations
    return await asyncio.to_thread(find_steps, viewer, card_request, shown, consents)


class Section(NamedTuple):
    """The cards about one team or course, on a page about several.

    :param href: the page of its own, if it has one
    """

    name: str
    request: CardRequest
    cards: Sequence[Card]
    href: str = ""


async def board_of_many(
    request: AnyRequest,
    viewer: PageViewer,
    sections: Sequence[Section],
    title: str,
    lead: str,
) -> Response[Any]:
    """A page with the cards of several sections, asked for side by side; or the file of it."""
    if wanted_file(request):
        parts = [
            PagePart(section.name, [(card, section.request) for card in section.cards])
            for section in sections
        ]
        return await _file(request, viewer, title, lead, parts)
    frame, shown = await _answer(
        request, viewer, [(card, section.request) for section in sections for card in section.cards]
    )
    rest = iter(shown)
    filled = [(section, list(islice(rest, len(section.cards)))) for section in sections]
    return page("sections.html", title=title, lead=lead, sections=filled, **frame)


async def _answer(
    request: AnyRequest, viewer: PageViewer, requests: Sequence[tuple[Card, CardRequest]]
) -> tuple[dict[str, Any], list[ShownCard]]:
    """What stands around cards, and the cards, asked for side by side."""
    services = reach.dashboards(request)
    _refuse_lost_sort(request)
    mark = services.live.mark
    paged = [(card, _paged(request, card, card_request)) for card, card_request in requests]
    shown = await answer_all(paged, services, viewer)
    now = services.clock()
    chosen = requests[0][1].chosen
    period = chosen.period(now)
    return {
        "path": request.url.path,
        "viewer": viewer,
        "as_of": max((each.as_of for each in shown if each.as_of), default=None),
        "stream": stream_address(mark, _watched(requests)),
        "now": now,
        "spans": SPANS,
        "kept": _kept(request),
        "small_group": max(map(_hides_few, shown), default=0),
        "period": period,
        "free": chosen.free,
        "kept_fields": _kept_fields(request),
        "latest": max(period.end, day_here(from_micros(now))),
        "tab_days": urlencode(chosen.kept(chosen.days)) if chosen.free or chosen.days else "",
        "aligned": chosen.free and any(_is_moved(each, period) for each in shown),
        "metric_name": metric_name,
        "files": _files(request) if any(each.exportable and each.rows for each in shown) else (),
        "schedule": f"/reports?{urlencode({'page': _address(request)})}",
    }, shown


def _hides_few(shown: ShownCard) -> int:
    """Below how many people a card hides numbers without saying so itself, 0 where it does not."""
    return 0 if shown.card.view.tells_few or not shown.rows else shown.small_group or 0


def _address(request: AnyRequest) -> str:
    """The page as its address names it, without the host."""
    path = request.scope["raw_path"].decode("ascii")
    return f"{path}?{request.url.query}" if request.url.query else path


async def _file(
    request: AnyRequest, viewer: PageViewer, title: str, lead: str, parts: Sequence[PagePart]
) -> Response[bytes]:
    asked = [
        PagePart(name, [(card, _paged(request, card, card_request)) for card, card_request in cards])
        for name, cards in parts
    ]
    return await asyncio.to_thread(page_file, request, reach.dashboards(request), viewer, title, lead, asked)


def _files(request: AnyRequest) -> Trail:
    """The same page as a file: what each is called, and where it is."""
    asked = sorted(each for each in request.query_params.multi_items() if each[0] != "file")
    return [
        (say(f"file.page.{form}"), f"{request.url.path}?{urlencode([*asked, ('file', form)])}")
        for form in FORMS
    ]


def _kept(request: AnyRequest) -> str:
    """What the address says beside the period: filters outlast a change of days, the place in a list does not."""
    asked = _kept_fields(request)
    return f"{urlencode(asked)}&" if asked else ""


def _kept_fields(request: AnyRequest) -> list[tuple[str, str]]:
    # Litestar hands them out in any order.
    return sorted(each for each in request.query_params.multi_items() if each[0] not in (*DAYS, "page"))


def _is_moved(shown: ShownCard, period: Period) -> bool:
    """Whether a card is about other days than those that were chosen, to protect small groups."""
    answered = shown.period
    return shown.small_group is not None and answered is not None and answered[:2] != period[:2]


def _refuse_lost_sort(request: AnyRequest) -> None:
    """An order belongs to one card: without the name of a card nothing is sorted by it."""
    if request.query_params.get("sort") and not request.query_params.get("card"):
        raise invalid_sort(())


def _watched(requests: Sequence[tuple[Card, CardRequest]]) -> list[str]:
    """What the page has to be told of; of their alerts everybody is told anyway."""
    return [each for each in starmap(follows_of, requests) if each != ALERTS]


def home_name(viewer: Viewer) -> str:
    """What the page of somebody's role is called, from which they come to all others."""
    return say(f"nav.{viewer.role.value}")


def _paged(request: AnyRequest, card: Card, card_request: CardRequest) -> CardRequest:
    """The request with the order, the page and the filters that the address asks for one card."""
    chosen = request.query_params
    if chosen.get("card") != anchor_of(card, card_request):
        return card_request
    asked: dict[str, Any] = {name: chosen.get(name, "")[:MOST_TYPED] for name in (*FILTERS, *CHOICES)}
    return card_request._replace(sort=chosen.get("sort", ""), page=read_page(chosen.get("page", "")), **asked)


routes = [student, course, learner, video]
