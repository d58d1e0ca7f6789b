"""The screens on which people choose their mails, and instructors, managers and administrators manage webhooks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from litestar import Response, get, post
from litestar.params import FromPath

from coursepulse.access.viewer import Role
from coursepulse.alerts.delivery.choices import MailChoice, Pace
from coursepulse.alerts.delivery.recipient import TOLD
from coursepulse.alerts.delivery.webhooks import WebhookKind
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import is_uuid
from coursepulse.web import reach
from coursepulse.web.http.auth import PageViewer, network
from coursepulse.web.http.forms import Form, read_own_form
from coursepulse.web.http.outcome import NOTHING_SENT, Outcome
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import role_viewer
from coursepulse.web.notifications.service import (
    NewWebhook,
    add_webhook,
    change_choice,
    find_subscriber,
    list_dead,
    list_webhooks,
    notifications_of,
    read_choice,
    remove_webhook,
    replay_dead,
    unsubscribe,
)

if TYPE_CHECKING:
    from coursepulse.web.notifications.ports import NotificationServices

#: Who manages webhooks.
_MANAGING = (Role.INSTRUCTOR, Role.MANAGER, Role.ADMIN)

#: Messages that nobody took, on the page.
_SHOWN = 50

# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/notifications", include_in_schema=False)
async def show_mail_choice(request: AnyRequest) -> Response[str]:
    """When somebody gets mails."""
    viewer = await asyncio.to_thread(role_viewer, request, *TOLD)
    return await asyncio.to_thread(_mails, request, viewer)


@post("/notifications", include_in_schema=False)
async def change_mail_choice(request: AnyRequest) -> Response[str]:
    """Choose when mails come."""
    viewer = await asyncio.to_thread(role_viewer, request, *TOLD)
    form = await read_own_form(request)
    return await asyncio.to_thread(_choose, request, viewer, form)


@get("/webhooks", include_in_schema=False)
async def show_webhooks(request: AnyRequest) -> Response[str]:
    """The webhooks that somebody manages."""
    viewer = await asyncio.to_thread(role_viewer, request, *_MANAGING)
    return await asyncio.to_thread(_webhooks, request, viewer)


@post("/webhooks", include_in_schema=False)
async def change_webhooks(request: AnyRequest) -> Response[str]:
    """Make a webhook, remove one, or send again what nobody took."""
    viewer = await asyncio.to_thread(role_viewer, request, *_MANAGING)
    form = await read_own_form(request)
    return await asyncio.to_thread(_change_webhooks, request, viewer, form)


@get("/unsubscribe/{token:str}", include_in_schema=False)
async def show_unsubscribe(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Asks before it stops anything: mail scanners follow links."""
    return await asyncio.to_thread(_unsubscribe, request, token, stop=False)


@post("/unsubscribe/{token:str}", include_in_schema=False, status_code=200)
async def stop_mails(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Stop the mails of an account. The token is the proof; nobody is signed in (RFC 8058 section 3.2)."""
    return await asyncio.to_thread(_unsubscribe, request, token, stop=True)


def _choose(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    services = reach.notifications(request)
    try:
        change_choice(services, viewer, _account(viewer), _read_choice(form))
    except RequestError as error:
        return _mails(request, viewer, Outcome(trouble=error))
    return _mails(request, viewer, Outcome(say("notifications.done")))


def _read_choice(form: Form) -> MailChoice:
    if form.text("pace") not in set(Pace):
        raise RequestError("unknown_pace", say("trouble.unknown_action"))
    return MailChoice(
        pace=Pace(form.text("pace")),
        hour=_hour(form.text("hour")) or 0,
        quiet_from=_hour(form.text("quiet_from")),
        quiet_until=_hour(form.text("quiet_until")),
        time_zone=form.text("time_zone").strip(),
        language=form.text("language"),
    )


def _hour(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= 23):
        raise RequestError("invalid_hours", say("notifications.invalid_hours"))
    return int(text)


def _mails(request: AnyRequest, viewer: PageViewer, outcome: Outcome = NOTHING_SENT) -> Response[str]:
    services = reach.notifications(request)
    chosen = read_choice(services, _account(viewer))
    return page(
        "notifications.html",
        outcome.status,
        title=say("notifications.title"),
        path="/notifications",
        viewer=viewer,
        chosen=chosen,
        sends=notifications_of(services).default is not None,
        paces=tuple(Pace),
        hours=range(24),
        **outcome.shown,
    )


def _change_webhooks(request: AnyRequest, viewer: PageViewer, form: Form) -> Response[str]:
    try:
        outcome = _do(reach.notifications(request), viewer, form)
    except RequestError as error:
        return _webhooks(request, viewer, Outcome(trouble=error))
    return _webhooks(request, viewer, outcome)


def _do(services: NotificationServices, viewer: PageViewer, form: Form) -> Outcome:
    """What was done, with the secret of a new webhook."""
    match form.text("do"):
        case "add":
            _, secret = add_webhook(services, viewer, _read_webhook(form))
            return Outcome(say("webhooks.done"), secret)
        case "remove" if is_uuid(form.text("webhook")):
            remove_webhook(services, viewer, form.text("webhook"))
            return Outcome(say("webhooks.removed"))
        case "replay":
            replay_dead(services, viewer, None)
            return Outcome(say("webhooks.replayed"))
        case _:
            raise RequestError("unknown_action", say("trouble.unknown_action"))


def _read_webhook(form: Form) -> NewWebhook:
    if form.text("kind") not in set(WebhookKind):
        raise RequestError("unknown_kind", say("trouble.unknown_action"))
    kind = WebhookKind(form.text("kind"))
    return NewWebhook(form.text("name"), kind, form.text("url").strip(), form.text("course_id").strip())


def _webhooks(
    request: AnyRequest,
    viewer: PageViewer,
    outcome: Outcome = NOTHING_SENT,
) -> Response[str]:
    services = reach.notifications(request)
    return page(
        "webhooks.html",
        outcome.status,
        title=say("webhooks.title"),
        path="/webhooks",
        viewer=viewer,
        webhooks=list_webhooks(services, viewer),
        dead=list_dead(services, viewer, _SHOWN),
        kinds=tuple(WebhookKind),
        courses=dict.fromkeys(viewer.course_ids, "") | services.campus.titles(viewer.course_ids),
        **outcome.shown,
    )


def _unsubscribe(request: AnyRequest, token: str, *, stop: bool) -> Response[str]:
    services = reach.notifications(request)
    recipient = find_subscriber(services, token)
    if recipient is None:
        raise RequestError("unknown_link", say("unsubscribe.unknown"), 404)
    if stop:
        unsubscribe(services, recipient, network(request))
    return page(
        "unsubscribe.html",
        title=say("unsubscribe.title"),
        path="",
        viewer=None,
        token=token,
        name=recipient.login_name,
        stopped=stop,
    )


def _account(viewer: PageViewer) -> str:
    return viewer.subject.removeprefix("account:")


routes = [
    show_mail_choice,
    change_mail_choice,
    show_webhooks,
    change_webhooks,
    show_unsubscribe,
    stop_mails,
]
