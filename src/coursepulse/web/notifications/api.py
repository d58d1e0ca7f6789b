"""Choices of mails and webhooks over HTTP, for the commands of the machine and for people who are signed in."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from coursepulse.alerts.delivery.choices import MailChoice, Pace
from coursepulse.alerts.delivery.webhooks import DeadMessage, Happened, ListedWebhook, Webhook, WebhookKind
from coursepulse.collect.keys import ADMIN
from coursepulse.kit.clock import from_micros
from coursepulse.kit.ids import to_text
from coursepulse.web import reach
from coursepulse.web.http.auth import api_viewer, brings
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.notifications.service import (
    ChosenMail,
    NewWebhook,
    add_webhook,
    change_choice,
    find_account,
    list_dead,
    list_webhooks,
    read_choice,
    remove_webhook,
    replay_dead,
)

Hour = Annotated[int, Meta(ge=0, le=23)]
Text = Annotated[str, Meta(max_length=128)]
Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="Messages at the most.")]

#: Messages that are named in one request.
_MOST = 1000


class MailChoiceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When an account wants its alerts by e-mail.

    :param pace: ``off``, ``daily``, ``hourly`` or ``at_once``; urgent alerts come at once unless it is off
    :param hour: local hour of the daily digest
    :param quiet_from: the local hour at which quiet hours begin; null for none
    :param quiet_until: the local hour at which they end
    :param time_zone: an IANA name; empty for the one on the roster
    :param language: of the mails; empty for that of the account
    """

    pace: Pace
    hour: Hour = 8
    quiet_from: Hour | None = None
    quiet_until: Hour | None = None
    time_zone: Text = ""
    language: Text = ""


class MailChoiceInfo(msgspec.Struct, frozen=True):
    """When an account gets its alerts by e-mail.

    :param address: where they go; empty if none is known, and no mail is sent then
    :param chosen: false where this is what the settings say
    :param trouble: why the latest mail could not be sent; empty if nothing is wrong
    """

    pace: Pace
    hour: int
    quiet_from: int | None
    quiet_until: int | None
    time_zone: str
    language: str
    address: str
    chosen: bool
    trouble: str


class WebhookRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A webhook to be made.

    :param kind: ``plain`` JSON for programs, or a message for ``slack`` or ``teams``
    :param course_id: the course it is told of; left out, every course and the platform. Managers leave it out: their
        webhooks are told of the members of their teams
    """

    name: Annotated[str, Meta(max_length=64)]
    url: Annotated[str, Meta(max_length=2000)]
    kind: WebhookKind = WebhookKind.PLAIN
    course_id: Text = ""


class WebhookInfo(msgspec.Struct, frozen=True):
    """A webhook. Its address is not shown again: with it, anybody can write to the receiver.

    :param host: the host of its address
    :param course_id: the course it is told of; null for every course and the platform, or for the teams of a manager
    :param by: the account or key that made it
    :param waiting: messages that are still to be sent
    :param dead: messages that no receiver took
    :param secret: signs the messages; of the webhook that was made just now, and not shown again
    """

    webhook_id: UUID
    name: str
    kind: WebhookKind
    host: str
    course_id: str | None
    created_at: datetime
    by: str
    waiting: int
    dead: int
    secret: str | None = None


class RemovedWebhook(msgspec.Struct, frozen=True):
    """A webhook that is no more."""

    webhook_id: UUID


class DeadMessageRow(msgspec.Struct, frozen=True):
    """A message that no receiver took."""

    message_id: UUID
    webhook_id: UUID
    webhook: str
    alert_id: UUID
    happened: Happened
    attempts: int
    trouble: str
    created_at: datetime
    given_up_at: datetime


class ReplayWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages to send again: those with these ids, or all of them."""

    messages: Annotated[list[UUID], Meta(max_length=_MOST)] | None = None


class ReplayedMessages(msgspec.Struct, frozen=True):
    """How many messages are sent again."""

    replayed: int


# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/v1/accounts/{login_name:str}/notifications", guards=[brings(ADMIN)], tags=["notifications"])
async def show_choice(request: AnyRequest, login_name: FromPath[str]) -> MailChoiceInfo:
    """When an account gets alerts by e-mail: its own for people, any for administrators."""
    return await asyncio.to_thread(_show_choice, request, login_name)


@put("/v1/accounts/{login_name:str}/notifications", guards=[brings(ADMIN)], tags=["notifications"])
async def put_choice(
    request: AnyRequest, login_name: FromPath[str], data: JSONBody[MailChoiceRow]
) -> MailChoiceInfo:
    """Choose when an account gets alerts by e-mail."""
    return await asyncio.to_thread(_put_choice, request, login_name, data)


@get("/v1/webhooks", guards=[brings(ADMIN)], tags=["notifications"])
async def get_webhooks(request: AnyRequest) -> list[WebhookInfo]:
    """List webhooks: all for administrators, their own for instructors."""
    return await asyncio.to_thread(_webhooks, request)


@post("/v1/webhooks", guards=[brings(ADMIN)], tags=["notifications"])
async def post_webhook(request: AnyRequest, data: JSONBody[WebhookRow]) -> WebhookInfo:
    """Make a webhook. The answer is the only one that ever holds its secret."""
    return await asyncio.to_thread(_add, request, data)


@delete(
    "/v1/webhooks/{webhook_id:uuid}",
    guards=[brings(ADMIN)],
    tags=["notifications"],
    status_code=200,
    sync_to_thread=True,
)
def delete_webhook(request: AnyRequest, webhook_id: FromPath[UUID]) -> RemovedWebhook:
    """Remove a webhook, with everything that waits for it."""
    remove_webhook(reach.notifications(request), api_viewer(request, ADMIN), str(webhook_id))
    return RemovedWebhook(webhook_id)


@get("/v1/webhooks/dead-letters", guards=[brings(ADMIN)], tags=["notifications"], sync_to_thread=True)
def get_dead(request: AnyRequest, limit: Limit = 100) -> list[DeadMessageRow]:
    """List messages that no receiver took, newest first."""
    services, viewer = reach.notifications(request), api_viewer(request, ADMIN)
    return [_tell_dead(each) for each in list_dead(services, viewer, limit)]


@post(
    "/v1/webhooks/dead-letters/replay",
    guards=[brings(ADMIN)],
    tags=["notifications"],
    status_code=200,
    sync_to_thread=True,
)
def post_replay(request: AnyRequest, data: JSONBody[ReplayWish]) -> ReplayedMessages:
    """Send messages again that no receiver took."""
    wanted = None if data.messages is None else [str(each) for each in data.messages]
    viewer = api_viewer(request, ADMIN)
    return ReplayedMessages(replay_dead(reach.notifications(request), viewer, wanted))


def _show_choice(request: AnyRequest, login_name: str) -> MailChoiceInfo:
    services, viewer = reach.notifications(request), api_viewer(request, ADMIN)
    return _tell_choice(read_choice(services, find_account(services, viewer, login_name)))


def _put_choice(request: AnyRequest, login_name: str, data: MailChoiceRow) -> MailChoiceInfo:
    services, viewer = reach.notifications(request), api_viewer(request, ADMIN)
    choice = MailChoice(**msgspec.structs.asdict(data))
    return _tell_choice(change_choice(services, viewer, find_account(services, viewer, login_name), choice))


def _webhooks(request: AnyRequest) -> list[WebhookInfo]:
    found = list_webhooks(reach.notifications(request), api_viewer(request, ADMIN))
    return [_tell_webhook(each) for each in found]


def _add(request: AnyRequest, data: WebhookRow) -> WebhookInfo:
    services, viewer = reach.notifications(request), api_viewer(request, ADMIN)
    new = NewWebhook(data.name, data.kind, data.url, data.course_id)
    webhook, secret = add_webhook(services, viewer, new)
    return _tell_webhook(ListedWebhook(webhook, services.clock(), viewer.subject, 0, 0), secret)


def _tell_choice(chosen: ChosenMail) -> MailChoiceInfo:
    latest = chosen.latest
    return MailChoiceInfo(
        **msgspec.structs.asdict(chosen.choice),
        address=chosen.recipient.address,
        chosen=chosen.chosen,
        trouble="" if latest is None else latest.trouble,
    )


def _tell_webhook(listed: ListedWebhook, secret: str | None = None) -> WebhookInfo:
    webhook: Webhook = listed.webhook
    return WebhookInfo(
        webhook_id=UUID(webhook.webhook_id),
        name=webhook.name,
        kind=webhook.kind,
        host=webhook.host,
        course_id=webhook.course_id,
        created_at=from_micros(listed.created_at),
        by=listed.created_by,
        waiting=listed.waiting,
        dead=listed.dead,
        secret=secret,
    )


def _tell_dead(message: DeadMessage) -> DeadMessageRow:
    return DeadMessageRow(
        message_id=UUID(message.message_id),
        webhook_id=UUID(message.webhook_id),
        webhook=message.webhook,
        alert_id=UUID(to_text(message.alert_id)),
        happened=message.happened,
        attempts=message.attempts,
        trouble=message.trouble,
        created_at=from_micros(message.created_at),
        given_up_at=from_micros(message.given_up_at),
    )


routes = [show_choice, put_choice, get_webhooks, post_webhook, delete_webhook, get_dead, post_replay]
