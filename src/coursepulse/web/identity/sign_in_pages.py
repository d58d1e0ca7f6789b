"""Signing in with a password, and signing out."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from coursepulse.access.accounts import ROLES, Account
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.http.auth import cookie_name, form_token, is_loopback, is_secure, session_token
from coursepulse.web.http.forms import read_form
from coursepulse.web.http.reader import words_for
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer
from coursepulse.web.identity.service import identity_of
from coursepulse.web.identity.sign_in import begin_session, end_session, prove_password

if TYPE_CHECKING:
    pass


#: Holds the secret of the sign-in form, which has no session yet to be bound to (login CSRF).
VISIT = "-visit"


@get("/sign-in", include_in_schema=False)
async def show_sign_in(request: AnyRequest) -> Response[str]:
    """The form, and what else there is to sign in with."""
    return await asyncio.to_thread(show_form, request, request.query_params.get("next", ""))


@post("/sign-in", include_in_schema=False)
async def sign_in(request: AnyRequest) -> Response[Any]:
    """Check name and password, begin a session, and go where the visitor wanted to."""
    form = await read_form(request, request.cookies.get(cookie_name(request, VISIT), ""))
    name, then = form.text("login_name"), form.text("next")
    try:
        check_transport(request)
        account = await prove_password(request, name, form.text("password"))
    except RequestError as error:
        return await asyncio.to_thread(show_form, request, then, name, error)
    return await open_session(request, account, then)


@post("/sign-out", include_in_schema=False)
async def sign_out(request: AnyRequest) -> Response[Any]:
    """End this session, or all of the account."""
    viewer = await asyncio.to_thread(page_viewer, request)
    token = session_token(request)
    form = await read_form(request, token)
    everywhere = bool(form.text("everywhere"))
    await asyncio.to_thread(end_session, request, viewer, token, everywhere=everywhere)
    answer = Redirect("/sign-in", status_code=303)
    answer.set_cookie(_cookie(request, cookie_name(request), "", 0))
    # The next person at this machine must not page back to what was shown (W3C Clear Site Data).
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def show_form(
    request: AnyRequest, then: str, name: str = "", error: RequestError | None = None
) -> Response[str]:
    """The sign-in page, after a failure with one sentence. Reads the store: not for the loop."""
    services = reach.identity(request)
    identity = identity_of(services)
    visit = request.cookies.get(cookie_name(request, VISIT), "") or secrets.token_urlsafe(32)
    answer = page(
        "sign_in.html",
        error.status if error else 200,
        title=say("sign_in.title"),
        path=request.url.path,
        viewer=None,
        next=local_path(then),
        login_name=name[:128],
        trouble=words_for(error) if error else "",
        form_token=form_token(visit),
        provider=identity.provider and identity.provider.label,
        demo_password=identity.demo_password,
        no_accounts=identity.set_up.is_needed(),
        roles=ROLES,
    )
    if error and error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    answer.set_cookie(visit_cookie(request, visit))
    return answer


def visit_cookie(request: AnyRequest, visit: str) -> Cookie:
    """Holds the secret of a form that somebody without a session may send."""
    return _cookie(request, cookie_name(request, VISIT), visit, None)


async def open_session(request: AnyRequest, account: Account, then: str) -> Response[Any]:
    """A session for somebody who has proved who they are, in a cookie that no script can read."""
    token = await asyncio.to_thread(begin_session, request, account, session_token(request))
    services = reach.identity(request)
    answer = Redirect(local_path(then), status_code=303)
    answer.set_cookie(_cookie(request, cookie_name(request), token, services.settings.session_hours * 3600))
    return answer


def check_transport(request: AnyRequest) -> None:
    """Refuse to let a password and a session travel where everybody can read them.

    :raises RequestError: ``no_https``
    """
    if not is_secure(request) and not is_loopback(request):
        raise RequestError("no_https", say("sign_in.no_https"), 403)


def local_path(text: str) -> str:
    """An address of this server to go to; home for anything else (an open redirect helps phishing)."""
    plain = text.isascii() and text.isprintable()
    local = text.startswith("/") and not text.startswith(("//", "/\\", "/sign-"))
    return text if plain and local and len(text) <= 2000 else "/"


def _cookie(request: AnyRequest, name: str, value: str, seconds: int | None) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=seconds,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


routes = [show_sign_in, sign_in, sign_out]
