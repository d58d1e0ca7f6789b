"""The privacy centre: a student's own consents, archive and erasure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import File, Redirect

from coursepulse.access.viewer import Role
from coursepulse.campus.consents import ConsentRow
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.erasable import Mode
from coursepulse.web.audited import note
from coursepulse.web.auth import session_token
from coursepulse.web.forms import Form, read_form
from coursepulse.web.pages.render import page
from coursepulse.web.pages.viewer import page_viewer
from coursepulse.web.privacy_words import PURPOSES, TEXT_VERSION
from coursepulse.web.text import say

if TYPE_CHECKING:
    from coursepulse.web.services import Services

Page = Request[Any, Any, Any]

#: What has to be typed before somebody is forgotten.
CONFIRMED = "FORGET"

_SOURCE = "privacy-centre"


@get("/privacy", include_in_schema=False)
async def show_privacy(
    request: Page, student: FromQuery[str] = "", filed: FromQuery[bool] = False
) -> Response[str]:
    """A student's own page; in the demo an administrator may look at anybody's."""
    return await asyncio.to_thread(_show, request, student, filed=filed)


@post("/privacy/consents", include_in_schema=False, status_code=303)
async def decide(request: Page) -> Redirect:
    """Agree to a purpose, or take it back."""
    form = await _form(request)
    external_id = await asyncio.to_thread(_whose, request, form.text("student"))
    row = ConsentRow(
        external_id=external_id,
        purpose=_purpose(form.text("purpose")),
        granted=form.text("granted") == "yes",
        text_version=TEXT_VERSION,
        source=_SOURCE,
        at=from_micros(_services(request).clock()),
    )
    await asyncio.to_thread(_write_down, request, "consent", external_id, f"{row.purpose}={row.granted}")
    await asyncio.to_thread(_services(request).campus.put_consents, [row])
    return _back(form)


@post("/privacy/exports", include_in_schema=False, status_code=303)
async def ask_archive(request: Page) -> Redirect:
    """Have everything put together."""
    form = await _form(request)
    external_id = await asyncio.to_thread(_whose, request, form.text("student"))
    await asyncio.to_thread(_write_down, request, "export", external_id)
    await asyncio.to_thread(_desk(request).export, external_id, _SOURCE)
    return _back(form)


@get("/privacy/exports/{number:uuid}", include_in_schema=False)
async def fetch_archive(request: Page, number: FromPath[UUID], student: FromQuery[str] = "") -> File:
    """An archive of one's own."""
    return await asyncio.to_thread(_archive, request, number, student)


@post("/privacy/erasures", include_in_schema=False, status_code=303)
async def ask_to_be_forgotten(request: Page) -> Redirect:
    """Be forgotten, in the mode that keeps class totals."""
    form = await _form(request)
    if form.text("confirm") != CONFIRMED:
        raise RequestError("not_confirmed", say("trouble.privacy_confirm"))
    external_id = await asyncio.to_thread(_whose, request, form.text("student"))
    await asyncio.to_thread(_write_down, request, "erase", external_id)
    await asyncio.to_thread(_desk(request).erase, external_id, Mode.ANONYMISE, _SOURCE)
    return _back(form, "&filed=true")


def _show(request: Page, student: str, *, filed: bool) -> Response[str]:
    services = _services(request)
    external_id = _whose(request, student)
    history = services.campus.consents(external_id)
    exports = _exports(request, external_id)
    desk = _desk(request)
    return page(
        "privacy.html",
        title=say("privacy.title"),
        path=request.url.path,
        viewer=page_viewer(request),
        student=student,
        filed=filed,
        purposes=PURPOSES,
        history=history,
        current={decided.purpose: decided.granted for decided in history},
        exports=exports,
        ready={each.request_id for each in exports if desk.archive(each.request_id)},
    )


def _archive(request: Page, number: UUID, student: str) -> File:
    own = {each.request_id for each in _exports(request, _whose(request, student))}
    path = _desk(request).archive(number) if number in own else None
    if path is None:
        raise RequestError("no_archive", say("privacy.gone"), 404)
    return File(path=path, filename="my-data.zip", media_type="application/zip")


def _exports(request: Page, external_id: str) -> list[Any]:
    pseudonym = _services(request).campus.pseudonym(external_id)
    return [each for each in _desk(request).requests(20, pseudonym) if each.kind == "export"]


def _whose(request: Page, student: str) -> str:
    """The platform's id of whom the page is about: the viewer, and nobody else."""
    services = _services(request)
    viewer = page_viewer(request)
    if viewer.student_id is not None:
        wanted = to_text(viewer.student_id)
    elif services.settings.demo and viewer.role is Role.ADMIN:
        wanted = student
    else:
        wanted = ""
    known = services.campus.people([wanted]) if wanted else []
    if len(known) != 1:
        raise RequestError("not_a_student", say("trouble.privacy_nobody"), 403)
    return str(known[0].external_id)


async def _form(request: Page) -> Form:
    return await read_form(request, session_token(request))


def _write_down(request: Page, action: str, external_id: str, detail: str = "") -> None:
    """Before it happens: what the trail cannot record must not happen."""
    services = _services(request)
    subject = to_text(services.campus.pseudonym(external_id))
    note(services, page_viewer(request), f"privacy:student:{action}", subject, detail)


def _back(form: Form, more: str = "") -> Redirect:
    return Redirect(f"/privacy?student={quote(form.text('student'))}{more}", status_code=303)


def _purpose(text: str) -> str:
    if text not in set(Purpose):
        raise RequestError("unknown_purpose", f"`{text[:64]}` is not a purpose.")
    return text


def _desk(request: Page) -> Any:
    return _services(request).privacy


def _services(request: Page) -> Services:
    services: Services = request.app.state.services
    return services


HANDLERS = [show_privacy, decide, ask_archive, fetch_archive, ask_to_be_forgotten]
