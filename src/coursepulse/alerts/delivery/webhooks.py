"""Webhooks and the messages that go to them, as values."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from coursepulse.kit.clock import Micros


class WebhookKind(StrEnum):
    """How the body of a message looks."""

    PLAIN = "plain"
    SLACK = "slack"
    TEAMS = "teams"


class Happened(StrEnum):
    """What a message says about an alert."""

    RAISED = "raised"
    CLEARED = "cleared"
    REMOVED = "removed"


class Webhook(NamedTuple):
    """Where alerts are sent.

    :param course_id: the course it hears of; None for every course and the platform, or for the teams of its owner
    :param owner_id: the account whose rights it has; None for one of the installation
    :param salt: of its secret
    """

    webhook_id: str
    name: str
    kind: WebhookKind
    url: str
    course_id: str | None
    owner_id: str | None
    salt: bytes

    @property
    def subject(self) -> str:
        """The webhook as the audit trail names it."""
        return f"webhook:{self.webhook_id}"

    @property
    def host(self) -> str:
        """The part of its address that is no secret."""
        return urlsplit(self.url).hostname or ""


class HearingWebhook(NamedTuple):
    """What a webhook hears of: one course, the teams that its owner leads, or everything.

    :param course_id: None for more than one course
    :param owner_id: None for a webhook of the installation
    """

    webhook_id: str
    course_id: str | None
    owner_id: str | None


class ListedWebhook(NamedTuple):
    """A webhook in a list.

    :param waiting: messages that are still to be sent
    :param dead: messages that were given up
    """

    webhook: Webhook
    created_at: Micros
    created_by: str
    waiting: int
    dead: int


class WebhookMessage(NamedTuple):
    """A message that this process has claimed."""

    message_id: str
    webhook: Webhook
    alert_id: bytes
    happened: Happened
    attempts: int


class DeadMessage(NamedTuple):
    """A message that was given up."""

    message_id: str
    webhook_id: str
    webhook: str
    alert_id: bytes
    happened: Happened
    attempts: int
    trouble: str
    created_at: Micros
    given_up_at: Micros
