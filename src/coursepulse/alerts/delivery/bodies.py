"""The bodies of messages to webhooks. Students appear by their pseudonyms, and nobody by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

import msgspec

from coursepulse.alerts.alert import Alert
from coursepulse.alerts.delivery.webhooks import Happened, WebhookKind
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.ids import to_text

_ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"


class AlertWords(NamedTuple):
    """An alert in words.

    :param line: all of it in one line
    :param link: what a button to the page says
    :param url: the page on which it is shown; empty where nobody knows the server's address
    """

    title: str
    course_title: str
    line: str
    link: str
    url: str


def write_body(kind: WebhookKind, alert: Alert, happened: Happened, words: AlertWords) -> bytes:
    """What a receiver of this kind takes."""
    return msgspec.json.encode(_SHAPES[kind](alert, happened, words))


def write_removal(alert_id: bytes, now: Micros) -> bytes:
    """What a program takes that is to delete its copy of an alert; it says nothing more about it."""
    kind = f"alert.{Happened.REMOVED.value}"
    return msgspec.json.encode(
        {"type": kind, "timestamp": from_micros(now), "data": {"alert_id": to_text(alert_id)}}
    )


def _plain(alert: Alert, happened: Happened, words: AlertWords) -> Mapping[str, Any]:
    at = alert.raised_at if happened is Happened.RAISED else alert.updated_at
    return {
        "type": f"alert.{happened.value}",
        "timestamp": from_micros(at),
        "data": {
            "alert_id": to_text(alert.alert_id),
            "rule": alert.rule,
            "severity": alert.severity.value,
            "about": alert.about.value,
            "course_id": alert.course_id,
            "course_title": words.course_title,
            "student_id": alert.student_id and to_text(alert.student_id),
            "item": alert.item,
            "raised_at": from_micros(alert.raised_at),
            "cleared_at": _moment(alert.cleared_at),
            "values": {name: value for name, value in alert.values.items() if not isinstance(value, str)},
            "title": words.title,
            "url": words.url,
        },
    }


def _slack(alert: Alert, happened: Happened, words: AlertWords) -> Mapping[str, Any]:  # noqa: ARG001
    section = {"type": "section", "text": {"type": "plain_text", "text": words.line[:3000]}}
    button = {
        "type": "button",
        "text": {"type": "plain_text", "text": words.link[:75]},
        "url": words.url,
    }
    actions = [{"type": "actions", "elements": [button]}] if words.url else []
    return {"text": _escape(words.line), "blocks": [section, *actions]}


def _teams(alert: Alert, happened: Happened, words: AlertWords) -> Mapping[str, Any]:  # noqa: ARG001
    # A run of text, unlike a block of text, is not read as Markdown: a title cannot become a link.
    text = {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": words.line}]}
    action = {"type": "Action.OpenUrl", "title": words.link, "url": words.url}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [text],
        "actions": [action] if words.url else [],
    }
    return {"type": "message", "attachments": [{"contentType": _ADAPTIVE_CARD, "content": card}]}


def _escape(text: str) -> str:
    """Slack reads three characters as markup, which could mention everybody or hide a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_Shape: TypeAlias = Callable[[Alert, Happened, AlertWords], Mapping[str, Any]]

_SHAPES: dict[WebhookKind, _Shape] = {
    WebhookKind.PLAIN: _plain,
    WebhookKind.SLACK: _slack,
    WebhookKind.TEAMS: _teams,
}


def _moment(at: Micros | None) -> datetime | None:
    return None if at is None else from_micros(at)
