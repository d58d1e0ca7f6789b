"""The first day: an administrator, and what to do next."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from litestar import Response, get, post

from coursepulse.access.accounts import Account
from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.http.auth import cookie_name, form_token, network, own_origin, request_id
from coursepulse.web.http.forms import Form, read_form
from coursepulse.web.http.reader import words_for
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.identity.service import NewAccount, add_account, identity_of
from coursepulse.web.identity.sign_in_pages import VISIT, check_transport, open_session, visit_cookie

if TYPE_CHECKING:
    from coursepulse.web.identity.ports import IdentityServices


STEPS = "/first-steps"


class SetUpStep(NamedTuple):
    """One of the first steps: its slug, and whether it is done."""

    slug: str
    done: bool


@get("/set-up", include_in_schema=False)
async def show_set_up(request: AnyRequest) -> Response[str]:
    """The form for the first administrator, for the person who has the link."""
    token = str(request.query_params.get("token", ""))
    await asyncio.to_thread(identity_of(reach.identity(request)).set_up.check, token)
    return _form(request, token)


@post("/set-up", include_in_schema=False)
async def set_up(request: AnyRequest) -> Response[Any]:
    """Add the first administrator, sign them in, and show what comes next."""
    form = await read_form(request, request.cookies.get(cookie_name(request, VISIT), ""))
    token, name = form.text("token"), form.text("login_name")
    try:
        check_transport(request)
        account = await asyncio.to_thread(_make_first, request, token, form)
    except RequestError as error:
        if error.code == "set_up_over":
            raise
        return _form(request, token, name, error)
    return await open_session(request, account, STEPS)


@get(STEPS, include_in_schema=False)
async def show_steps(request: AnyRequest) -> Response[str]:
    """What turns an empty server into dashboards."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.ADMIN)
    steps = await asyncio.to_thread(first_steps, reach.identity(request))
    return page(
        "first_steps.html",
        title=say("steps.title"),
        path=request.url.path,
        viewer=viewer,
        steps=steps,
        origin=own_origin(request),
    )


def first_steps(services: IdentityServices) -> list[SetUpStep]:
    """What a new installation needs, and what of it is done. Reads the stores: not for the loop."""
    return [
        SetUpStep("events", services.health().get("latest_data_at") is not None),
        SetUpStep("roster", services.campus.any_course()),
        SetUpStep("people", len(identity_of(services).accounts.everyone()) > 1),
    ]


def _make_first(request: AnyRequest, token: str, form: Form) -> Account:
    services = reach.identity(request)
    viewer = Viewer(
        role=Role.ADMIN, subject="set-up", request_id=request_id(request), address=network(request)
    )
    new = NewAccount(form.text("login_name"), Role.ADMIN.value, password=form.text("password"))
    if not new.password:
        raise RequestError("invalid_password", say("set_up.password"), told=True)
    return identity_of(services).set_up.use(token, lambda: add_account(services, viewer, new).account)


def _form(
    request: AnyRequest, token: str, name: str = "admin", error: RequestError | None = None
) -> Response[str]:
    visit = request.cookies.get(cookie_name(request, VISIT), "") or secrets.token_urlsafe(32)
    answer = page(
        "set_up.html",
        error.status if error else 200,
        title=say("set_up.title"),
        path=request.url.path,
        viewer=None,
        token=token,
        login_name=name[:128],
        trouble=words_for(error) if error else "",
        form_token=form_token(visit),
    )
    answer.set_cookie(visit_cookie(request, visit))
    return answer


routes = [show_set_up, set_up, show_steps]
