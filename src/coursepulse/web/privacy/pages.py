"""The privacy centre: a student's own consents, archive and erasure."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import File, Redirect

from coursepulse.access.basis import tell_purpose
from coursepulse.access.decide import Action, Allowed, StudentSubject, decide
from coursepulse.access.viewer import Viewer
from coursepulse.campus.board_names import LONGEST, SHORTEST, NameTrouble, read_name
from coursepulse.campus.consents import ConsentRow, Decided, decided_here
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.erasable import ErasureMode
from coursepulse.privacy.requests import FiledRequest
from coursepulse.web import reach
from coursepulse.web.audit.writing import NOT_ALLOWED, WRITTEN, note
from coursepulse.web.dashboards.titles import student_name
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer
from coursepulse.web.privacy.service import data_requests

#: Which wording of the purposes this is; decisions name it. It changes with the sentences ``consent.purpose…``.
TEXT_VERSION = "2026-11-30b"

#: What has to be typed before a student's data is erased.
CONFIRMED = "ERASE"

_SOURCE = "privacy-centre"


@get("/privacy", include_in_schema=False)
async def show_privacy(
    request: AnyRequest,
    student: FromQuery[str] = "",
    filed: FromQuery[bool] = False,
    name: FromQuery[str] = "",
) -> Response[str]:
    """A student's own page; that of another one for an administrator who has opened the record.

    :param name: why a name for leaderboards was not taken
    """
    return await asyncio.to_thread(_show, request, student, filed=filed, trouble=name)


@post("/privacy/consents", include_in_schema=False, status_code=303)
async def change_consent(request: AnyRequest) -> Redirect:
    """Agree to a purpose, or withdraw."""
    form = await read_own_form(request)
    external_id = await asyncio.to_thread(_whose, request, form.text("student"), Action.CONSENT)
    purpose, granted = _purpose(form.text("purpose")), form.text("granted") == "yes"
    await asyncio.to_thread(_decide, request, external_id, purpose, granted=granted)
    return _back(form)


@post("/privacy/leaderboards", include_in_schema=False, status_code=303)
async def join_leaderboards(request: AnyRequest) -> Redirect:
    """Choose a name for leaderboards, and with the first one agree to be on them."""
    form = await read_own_form(request)
    external_id = await asyncio.to_thread(_whose, request, form.text("student"), Action.CONSENT)
    trouble = await asyncio.to_thread(_join, request, external_id, form.text("name"))
    return _back(form, f"{f'&name={trouble}' if trouble else ''}#purpose-{Purpose.LEADERBOARDS}")


@post("/privacy/exports", include_in_schema=False, status_code=303)
async def ask_archive(request: AnyRequest) -> Redirect:
    """Have everything put together."""
    form = await read_own_form(request)
    external_id = await asyncio.to_thread(_whose, request, form.text("student"), Action.ARCHIVE)
    await asyncio.to_thread(_write_down, request, Action.ARCHIVE, external_id)
    await asyncio.to_thread(data_requests(reach.privacy(request)).export, external_id, _SOURCE)
    return _back(form)


@get("/privacy/exports/{number:uuid}", include_in_schema=False)
async def fetch_archive(request: AnyRequest, number: FromPath[UUID], student: FromQuery[str] = "") -> File:
    """A finished archive."""
    return await asyncio.to_thread(_archive, request, number, student)


@post("/privacy/erasures", include_in_schema=False, status_code=303)
async def ask_to_be_forgotten(request: AnyRequest) -> Redirect:
    """Erase the student's data, in the mode that keeps class totals."""
    form = await read_own_form(request)
    if form.text("confirm") != CONFIRMED:
        raise RequestError("not_confirmed", say("trouble.privacy_confirm"))
    external_id = await asyncio.to_thread(_whose, request, form.text("student"), Action.ERASE)
    await asyncio.to_thread(_write_down, request, Action.ERASE, external_id)
    await asyncio.to_thread(
        data_requests(reach.privacy(request)).erase, external_id, ErasureMode.ANONYMISE, _SOURCE
    )
    return _back(form, "&filed=true")


def _join(request: AnyRequest, external_id: str, text: str) -> NameTrouble | None:
    """Why it did not work, if so."""
    name = read_name(text)
    if isinstance(name, NameTrouble):
        return name
    services = reach.privacy(request)
    _write_down(request, Action.CONSENT, external_id, f"{Purpose.LEADERBOARDS}=name")
    # The name first: without a name of one's own there is nothing to agree to.
    trouble = services.board_names.choose(services.campus.pseudonym(external_id), name, services.clock())
    if not trouble and not _current(services.campus.consents(external_id)).get(Purpose.LEADERBOARDS):
        _decide(request, external_id, Purpose.LEADERBOARDS, granted=True)
    return trouble


def _decide(request: AnyRequest, external_id: str, purpose: str, *, granted: bool) -> None:
    services = reach.privacy(request)
    history = services.campus.consents(external_id)
    row = ConsentRow(
        external_id=external_id,
        purpose=purpose,
        granted=granted,
        text_version=TEXT_VERSION,
        source=_SOURCE,
        at=decided_here(from_micros(services.clock()), [decided.at for decided in history]),
    )
    _write_down(request, Action.CONSENT, external_id, f"{row.purpose}={row.granted}")
    services.campus.put_consents([row])


def _current(history: Iterable[Decided]) -> dict[str, bool]:
    """What holds now, by purpose."""
    return {decided.purpose: decided.granted for decided in history}


def _show(request: AnyRequest, student: str, *, filed: bool, trouble: str = "") -> Response[str]:
    services = reach.privacy(request)
    external_id, viewer = _whose(request, student, Action.ARCHIVE), page_viewer(request)
    about = services.campus.pseudonym(external_id)
    _note(request, "privacy:student:read", about)
    history = services.campus.consents(external_id)
    exports = _exports(request, external_id)
    privacy = data_requests(reach.privacy(request))
    return page(
        "privacy.html",
        title=say("privacy.title"),
        path=request.url.path,
        viewer=viewer,
        # The forms name the student the page was about when it was shown, whatever the account is tied to by then.
        student=to_text(about),
        name=(name := student_name(services, to_text(about))),
        acting_for="" if viewer.student_id == about else name,
        decides=_may(viewer, Action.CONSENT, about),
        filed=filed,
        purposes={
            each: (say(f"consent.purpose.{each}"), say(f"consent.purpose.{each}.about")) for each in Purpose
        },
        history=history,
        current=_current(history),
        board=services.board_names.of(about),
        name_trouble=trouble if trouble in set(NameTrouble) else "",
        name_length=(SHORTEST, LONGEST),
        exports=exports,
        ready={each.request_id for each in exports if privacy.archive(each.request_id)},
    )


def _archive(request: AnyRequest, number: UUID, student: str) -> File:
    external_id = _whose(request, student, Action.ARCHIVE)
    known = {each.request_id for each in _exports(request, external_id)}
    path = data_requests(reach.privacy(request)).archive(number) if number in known else None
    if path is None:
        raise RequestError("no_archive", say("trouble.privacy_archive"), 404, told=True)
    about = reach.privacy(request).campus.pseudonym(external_id)
    _note(request, "privacy:archive:read", about, f"request={number}")
    return File(path=path, filename="my-data.zip", media_type="application/zip")


def _exports(request: AnyRequest, external_id: str) -> list[FiledRequest]:
    pseudonym = reach.privacy(request).campus.pseudonym(external_id)
    return [
        each
        for each in data_requests(reach.privacy(request)).requests(20, pseudonym)
        if each.kind == "export"
    ]


def _whose(request: AnyRequest, student: str, action: Action) -> str:
    """The platform's id of the student the page is about: the viewer, or one that the viewer may do ``action`` for."""
    services = reach.privacy(request)
    viewer = page_viewer(request)
    # An explicit student wins: somebody who acts for others may be a learner or a teacher as well.
    own = "" if student or viewer.student_id is None else to_text(viewer.student_id)
    wanted = student or own
    known = services.campus.people([wanted]) if wanted else []
    if len(known) == 1 and _may(viewer, action, known[0].student_id):
        return known[0].external_id
    for one in known:
        _note(request, NOT_ALLOWED, one.student_id, action.value)
    if own and not known:
        raise RequestError("not_on_roster", say("trouble.privacy_unlisted"), 404)
    # One answer for "not yours" and "does not exist": the difference would tell who is there.
    raise RequestError("not_a_student", say("trouble.privacy_nobody"), 403)


def _may(viewer: Viewer, action: Action, student: bytes) -> bool:
    return isinstance(decide(viewer, action, StudentSubject(student)), Allowed)


def _write_down(request: AnyRequest, action: Action, external_id: str, detail: str = "") -> None:
    """Before it happens: what the trail cannot record must not happen."""
    _note(request, WRITTEN[action], reach.privacy(request).campus.pseudonym(external_id), detail)


def _note(request: AnyRequest, tag: str, student: bytes, detail: str = "") -> None:
    viewer = page_viewer(request)
    why = msgspec.structs.replace(viewer, purpose=tell_purpose(viewer, student))
    note(reach.privacy(request), why, tag, to_text(student), detail)


def _back(form: Form, more: str = "") -> Redirect:
    return Redirect(f"/privacy?student={quote(form.text('student'))}{more}", status_code=303)


def _purpose(text: str) -> str:
    if text not in set(Purpose):
        raise RequestError("unknown_purpose", f"`{text[:64]}` is not a purpose.")
    return text


routes = [show_privacy, change_consent, join_leaderboards, ask_archive, fetch_archive, ask_to_be_forgotten]
