"""The screens on which administrators manage accounts and keys."""

from __future__ import annotations

import asyncio

from litestar import Response, get, post

from coursepulse.access.accounts import ROLES
from coursepulse.access.viewer import Role
from coursepulse.collect.keys import SCOPES
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.break_glass.service import LONGEST_REASON
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.outcome import NOTHING_SENT, Outcome
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.identity.service import (
    AccountEdit,
    NewAccount,
    add_account,
    add_key,
    change_account,
    read_accounts,
    read_keys,
    revoke_key,
)

# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/admin/users", include_in_schema=False)
async def show_users(request: AnyRequest) -> Response[str]:
    """Everyone who may sign in."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.ADMIN)
    return await asyncio.to_thread(_users, request, viewer)


@post("/admin/users", include_in_schema=False)
async def change_users(request: AnyRequest) -> Response[str]:
    """Add an account or change one."""
    viewer, form = await _read(request)
    return await asyncio.to_thread(_change_users, request, viewer, form)


@get("/admin/keys", include_in_schema=False)
async def show_keys(request: AnyRequest) -> Response[str]:
    """Every key that was made here."""
    viewer = await asyncio.to_thread(role_viewer, request, Role.ADMIN)
    return await asyncio.to_thread(_keys, request, viewer)


@post("/admin/keys", include_in_schema=False)
async def change_keys(request: AnyRequest) -> Response[str]:
    """Make a key or revoke one."""
    viewer, form = await _read(request)
    return await asyncio.to_thread(_change_keys, request, viewer, form)


async def _read(request: AnyRequest) -> tuple[PageViewer, Form]:
    viewer = await asyncio.to_thread(role_viewer, request, Role.ADMIN)
    return viewer, await read_own_form(request)


def _change_users(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    services = reach.identity(request)
    login_name = form.text("login_name")
    try:
        if form.text("do") == "add":
            new = NewAccount(
                login_name,
                form.text("role"),
                person=form.text("person"),
                organisation_id=form.text("organisation_id"),
                reason=form.text("reason")[:LONGEST_REASON],
            )
            shown = add_account(services, viewer, new)
        else:
            shown = change_account(services, viewer, login_name, _read_change(form))
    except RequestError as error:
        return _users(request, viewer, Outcome(trouble=error))
    done = say("accounts.done", name=shown.account.login_name)
    return _users(request, viewer, Outcome(done, shown.password))


def _read_change(form: Form) -> AccountEdit:
    match form.text("do"):
        case "role":
            return AccountEdit(role=form.text("role"), reason=form.text("reason")[:LONGEST_REASON])
        case "disable":
            return AccountEdit(disabled=True)
        case "enable":
            return AccountEdit(disabled=False)
        case "password":
            return AccountEdit(password="", reason=form.text("reason")[:LONGEST_REASON])
        case _:
            raise RequestError("unknown_action", say("trouble.unknown_action"))


def _change_keys(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    services, name = reach.identity(request), form.text("name")
    try:
        if form.text("do") == "revoke":
            revoke_key(services, viewer, name)
            return _keys(request, viewer, Outcome(say("keys.revoked", name=name)))
        secret, _ = add_key(services, viewer, name, form.texts("scopes"))
    except RequestError as error:
        return _keys(request, viewer, Outcome(trouble=error))
    return _keys(request, viewer, Outcome(say("keys.done", name=name), secret))


def _users(
    request: AnyRequest,
    viewer: PageViewer,
    outcome: Outcome = NOTHING_SENT,
) -> Response[str]:
    accounts = read_accounts(reach.identity(request), viewer)
    return page(
        "admin_users.html",
        outcome.status,
        title=say("accounts.title"),
        path="/admin/users",
        viewer=viewer,
        accounts=accounts,
        roles=ROLES,
        **outcome.shown,
    )


def _keys(
    request: AnyRequest,
    viewer: PageViewer,
    outcome: Outcome = NOTHING_SENT,
) -> Response[str]:
    keys = read_keys(reach.identity(request), viewer)
    return page(
        "admin_keys.html",
        outcome.status,
        title=say("keys.title"),
        path="/admin/keys",
        viewer=viewer,
        keys=keys,
        scopes=sorted(SCOPES),
        **outcome.shown,
    )


routes = [show_users, change_users, show_keys, change_keys]
