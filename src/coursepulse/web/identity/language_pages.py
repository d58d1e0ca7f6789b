"""Choosing the language of the pages."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from litestar import Response, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from coursepulse.dashboards.language import languages
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.http.auth import PageViewer, is_secure, session_token
from coursepulse.web.http.forms import Form, read_form, read_open_form
from coursepulse.web.http.reader import LANGUAGE_COOKIE, known_viewer
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.identity.service import identity_of
from coursepulse.web.identity.sign_in_pages import local_path

_YEAR = 31_536_000


@post("/language", include_in_schema=False)
async def choose_language(request: AnyRequest) -> Response[None]:
    """Keep the choice on the account of somebody who is signed in, and in the browser in any case."""
    viewer = await asyncio.to_thread(known_viewer, request)
    chosen = (await _read(request, viewer)).text("language")
    if chosen not in languages():
        raise RequestError("unknown_language", say("notifications.unknown_language"))
    if viewer is not None:
        await asyncio.to_thread(_keep, request, viewer, chosen)
    answer: Response[None] = Redirect(_back(request), status_code=303)
    answer.set_cookie(_cookie(request, chosen))
    return answer


async def _read(request: AnyRequest, viewer: PageViewer | None) -> Form:
    """Before the sign-in nothing is changed that belongs to anybody, and no form has a token."""
    return await (read_open_form(request) if viewer is None else read_form(request, session_token(request)))


def _keep(request: AnyRequest, viewer: PageViewer, chosen: str) -> None:
    accounts = identity_of(reach.identity(request)).accounts
    accounts.choose_language(viewer.subject.removeprefix("account:"), chosen)


def _back(request: AnyRequest) -> str:
    """The page on which it was chosen."""
    seen = urlsplit(request.headers.get("referer", ""))
    return "/sign-in" if seen.path == "/sign-in" else local_path(seen._replace(scheme="", netloc="").geturl())


def _cookie(request: AnyRequest, chosen: str) -> Cookie:
    return Cookie(
        LANGUAGE_COOKIE, value=chosen, max_age=_YEAR, secure=is_secure(request), httponly=True, samesite="lax"
    )


routes = [choose_language]
