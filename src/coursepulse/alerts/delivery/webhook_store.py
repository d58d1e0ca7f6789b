"""Webhooks and their messages in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from coursepulse.alerts.delivery.outbox import CLAIM
from coursepulse.alerts.delivery.webhooks import (
    DeadMessage,
    Happened,
    HearingWebhook,
    ListedWebhook,
    Webhook,
    WebhookKind,
    WebhookMessage,
)
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.alerts.delivery.queries")


class WebhookStore:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    An ``owner`` narrows a method to the webhooks of one account; None stands for all.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, webhook: Webhook, by: str, now: Micros) -> bool:
        """Add a webhook, which hears of what changes from now on; False if there is no such course."""
        added = self._read(
            "webhook_add",
            webhook=UUID(webhook.webhook_id),
            name=webhook.name,
            kind=webhook.kind.value,
            url=webhook.url,
            course=webhook.course_id,
            owner=_uuid(webhook.owner_id),
            salt=webhook.salt,
            by=by,
            now=from_micros(now),
        )
        return bool(added)

    def all(self, owner: str | None = None) -> list[ListedWebhook]:
        """Webhooks, oldest first."""
        return [_listed(row) for row in self._read("webhook_list", owner=_uuid(owner))]

    def remove(self, webhook_id: str, owner: str | None = None) -> bool:
        """Take a webhook away; False if there is none."""
        return bool(self._read("webhook_remove", webhook=UUID(webhook_id), owner=_uuid(owner)))

    def any(self) -> bool:
        """Whether there is any."""
        ((found,),) = self._read("webhook_any")
        return bool(found)

    def hearing(self, courses: Collection[str]) -> list[HearingWebhook]:
        """Webhooks that may hear of something in any of these courses."""
        rows = self._read("webhook_wanted", courses=list(courses))
        return [
            HearingWebhook(str(webhook), course, None if owner is None else str(owner))
            for webhook, course, owner in rows
        ]

    def plan(self, news: Sequence[tuple[str, bytes, Happened]], now: Micros) -> None:
        """Put messages into the outbox: a webhook, an alert, and what happened. What is no news is left out."""
        values = [
            {
                "webhook": UUID(webhook),
                "alert": UUID(bytes=alert),
                "happened": happened.value,
                "now": from_micros(now),
            }
            for webhook, alert, happened in news
        ]
        with (
            translate_errors("The webhooks"),
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            cursor.executemany(_QUERIES["webhook_plan"], values)

    def claim(self, now: Micros, each: int, others: Collection[str] = ()) -> list[WebhookMessage]:
        """Messages that are due, up to ``each`` of a webhook, oldest first. Each counts as an attempt.

        :param others: webhooks of which none is taken
        """
        left_out = [UUID(webhook) for webhook in others]
        values = {
            "now": from_micros(now),
            "until": from_micros(now + CLAIM),
            "each": each,
            "others": left_out,
        }
        rows = self._read("webhook_claim", **values)
        return [_message(row) for row in sorted(rows, key=lambda row: (row[5], row[6], row[0]))]

    def finish(self, message_id: str, state: str, now: Micros, trouble: str = "") -> None:
        """Note what became of a message: ``sent``, ``dropped`` or ``dead``."""
        self._write(
            "webhook_done", message=UUID(message_id), state=state, trouble=trouble, now=from_micros(now)
        )

    def told(self, message_id: str) -> None:
        """A receiver knows that an alert is no more; nothing is kept of the message."""
        self._write("webhook_told", message=UUID(message_id))

    def postpone(self, message_id: str, at: Micros, trouble: str = "", *, counts: bool = True) -> None:
        """Give a message back until a moment.

        :param counts: whether this was an attempt
        """
        values = {"message": UUID(message_id), "at": from_micros(at), "trouble": trouble}
        self._write("webhook_later", **values, counts=counts)

    def next_at(self) -> Micros | None:
        """When the next message is to be tried; None if none waits."""
        ((at,),) = self._read("webhook_next")
        return None if at is None else to_micros(at)

    def dead(self, limit: int, owner: str | None = None) -> list[DeadMessage]:
        """Messages that were given up, newest first."""
        return [_dead(row) for row in self._read("webhook_dead", limit=limit, owner=_uuid(owner))]

    def replay(self, messages: Collection[str] | None, now: Micros, owner: str | None = None) -> int:
        """Try messages that were given up again, some or all; returns how many."""
        chosen = None if messages is None else [UUID(each) for each in messages]
        values = {"messages": chosen, "now": from_micros(now), "owner": _uuid(owner)}
        return len(self._read("webhook_replay", **values))

    def _read(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with translate_errors("The webhooks"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[query], values).fetchall()

    def _write(self, query: str, **values: Any) -> None:
        with translate_errors("The webhooks"), self._pool.connection() as connection:
            connection.execute(_QUERIES[query], values)


def _webhook(row: Sequence[Any]) -> Webhook:
    webhook, name, kind, url, course, owner, salt = row
    owner_id = None if owner is None else str(owner)
    return Webhook(
        webhook_id=str(webhook),
        name=name,
        kind=WebhookKind(kind),
        url=url,
        course_id=course,
        owner_id=owner_id,
        salt=bytes(salt),
    )


def _listed(row: Sequence[Any]) -> ListedWebhook:
    return ListedWebhook(_webhook(row[:7]), to_micros(row[7]), *row[8:])


def _message(row: Sequence[Any]) -> WebhookMessage:
    message, webhook, alert, happened, attempts, _, _, *rest = row
    return WebhookMessage(str(message), _webhook([webhook, *rest]), alert.bytes, Happened(happened), attempts)


def _dead(row: Sequence[Any]) -> DeadMessage:
    message, webhook, name, alert, happened, attempts, trouble, created, done = row
    return DeadMessage(
        message_id=str(message),
        webhook_id=str(webhook),
        webhook=name,
        alert_id=alert.bytes,
        happened=Happened(happened),
        attempts=attempts,
        trouble=trouble,
        created_at=to_micros(created),
        given_up_at=to_micros(done),
    )


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
