"""Break-glass as pages: the form that opens a record, who opened which, and what is still to be looked into."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from coursepulse.access.decide import DenialReason
from coursepulse.access.grants import AccessGrant
from coursepulse.access.viewer import Viewer
from coursepulse.dashboards.links import student_link
from coursepulse.dashboards.people import name_of
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.audit.service import may_search
from coursepulse.web.audit.writing import note
from coursepulse.web.break_glass.service import (
    LONGEST_REASON,
    REFUSED,
    SHORTEST_REASON,
    acknowledge_grant,
    find_grants,
    has_colleague,
    list_accounts,
    may_acknowledge,
    may_open,
    open_for_reason,
)
from coursepulse.web.dashboards import titles
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.outcome import NOTHING_SENT, Outcome
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer

if TYPE_CHECKING:
    from coursepulse.web.break_glass.ports import BreakGlassServices


#: The platform's ids are not longer.
_LONGEST_ID = 128

Student = Annotated[str, QueryParameter(max_length=_LONGEST_ID)]


class GrantLine(NamedTuple):
    """One access grant as the list shows it.

    :param student: the name while the reader sees the record by it, else the beginning of the pseudonym
    :param link: to the record, empty where it leads to nothing that the reader may see
    """

    grant: AccessGrant
    who: str
    student: str
    link: str
    kind: str
    open: bool
    acknowledged_by: str


# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/break-glass", include_in_schema=False)
async def show_grants(request: AnyRequest, student: Student = "") -> Response[str]:
    """The form and the list."""
    viewer = await asyncio.to_thread(_reader, request)
    return await asyncio.to_thread(_show, request, viewer, student=student)


@post("/break-glass", include_in_schema=False)
async def change_grants(request: AnyRequest) -> Response[Any]:
    """Open a record, and go there; or note that one was looked into."""
    viewer = await asyncio.to_thread(_reader, request)
    form = await read_own_form(request)
    return await asyncio.to_thread(_change, request, viewer, form)


def refused(request: AnyRequest, viewer: PageViewer, student_id: str) -> Response[str]:
    """Instead of a record that the viewer may not see: how to open it. Says nothing about whose it is."""
    return page(
        "refused.html",
        403,
        title=say("break_glass.refused"),
        path=request.url.path,
        viewer=viewer,
        student=student_id,
        reason="",
        shortest=SHORTEST_REASON,
        longest=LONGEST_REASON,
    )


def _change(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[Any]:
    services = reach.break_glass(request)
    student, reason = form.text("student").strip(), form.text("reason")
    try:
        if form.text("do") == "acknowledge":
            grant = acknowledge_grant(services, viewer, _number(form.text("number")))
            return _show(request, viewer, Outcome(say("break_glass.done", number=grant.id)))
        _check_lengths(student, reason)
        grant = open_for_reason(services, viewer, student, reason)
    except RequestError as error:
        return _show(request, viewer, Outcome(trouble=error), student=student, reason=reason)
    return Redirect(student_link(str(grant.student_id)), status_code=303)


def _show(
    request: AnyRequest,
    viewer: PageViewer,
    outcome: Outcome = NOTHING_SENT,
    *,
    student: str = "",
    reason: str = "",
) -> Response[str]:
    services = reach.break_glass(request)
    names, acknowledges = _login_names(services, viewer), may_acknowledge(viewer)
    return page(
        "break_glass.html",
        outcome.status,
        title=say("break_glass.title"),
        path="/break-glass",
        viewer=viewer,
        lines=[_line(services, viewer, grant, names) for grant in find_grants(services, viewer)],
        opens=may_open(viewer),
        acknowledges=acknowledges,
        left_to_others=viewer.subject if acknowledges and has_colleague(services, viewer) else "",
        searches=may_search(viewer),
        student=student,
        reason=reason,
        shortest=SHORTEST_REASON,
        longest=LONGEST_REASON,
        **outcome.shown,
    )


def _login_names(services: BreakGlassServices, viewer: PageViewer) -> dict[str, str]:
    """The login names of accounts with access grants that the reader can see."""
    if not may_search(viewer):
        return {viewer.subject: viewer.name}
    return {account.subject: account.login_name for account in list_accounts(services)}


def _line(
    services: BreakGlassServices, viewer: Viewer, grant: AccessGrant, names: dict[str, str]
) -> GrantLine:
    student = str(grant.student_id or "")
    is_open = grant.kind == "record" and grant.expires_at > from_micros(services.clock())
    seen = is_open and grant.account == viewer.subject
    name = titles.student_name(services, student) if seen else name_of(student, None) if student else ""
    by = grant.acknowledged_by
    return GrantLine(
        grant=grant,
        who=names.get(grant.account, grant.account),
        student=name,
        link=student_link(student) if seen else "",
        kind=_tell_kind(grant, names),
        open=is_open,
        acknowledged_by=names.get(by, by),
    )


def _tell_kind(grant: AccessGrant, names: dict[str, str]) -> str:
    about = names.get(grant.about, grant.about.removeprefix("key:"))
    return "" if grant.kind == "record" else say(f"break_glass.kind.{grant.kind}", about=about)


def _check_lengths(student: str, reason: str) -> None:
    if not 0 < len(student) <= _LONGEST_ID or len(reason) > LONGEST_REASON:
        raise RequestError("incomplete", say("break_glass.incomplete", longest=LONGEST_REASON))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _reader(request: AnyRequest) -> PageViewer:
    """Viewers who may open records or look into who did.

    :raises RequestError: ``forbidden`` for everybody else
    """
    viewer = page_viewer(request)
    if not (may_open(viewer) or may_search(viewer)):
        note(reach.break_glass(request), viewer, REFUSED, detail=f"reason={DenialReason.NO_RULE}")
        raise RequestError("forbidden", "You may not see this.", 403)
    return viewer


routes = [show_grants, change_grants]
