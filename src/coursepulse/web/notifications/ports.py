"""What choosing mails and managing webhooks may use of the server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from coursepulse.alerts.delivery.addresses import Network
from coursepulse.alerts.delivery.choices import MailChoice
from coursepulse.alerts.delivery.outbox import MailOutcome
from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.alerts.delivery.webhooks import DeadMessage, ListedWebhook, Webhook
from coursepulse.kit.clock import Micros
from coursepulse.web.http.ports import HasIdentity, Writes
from coursepulse.web.identity.ports import GrantFlags


class MailChoices(Protocol):
    """Knows when accounts want mails. Every method raises StoreUnavailable when it cannot answer."""

    def recipients(self, accounts: Collection[str]) -> dict[str, Recipient]:
        """Those of some accounts that can sign in."""

    def choose(self, account_id: str, choice: MailChoice) -> None:
        """Keep what an account has chosen."""

    def latest(self, account_id: str) -> MailOutcome | None:
        """What became of the latest mail of an account."""


class Webhooks(Protocol):
    """Keeps webhooks, and messages that nobody took. An owner of None stands for everybody's."""

    def add(self, webhook: Webhook, by: str, now: Micros) -> bool:
        """Add a webhook; False when there is no such course."""

    def all(self, owner: str | None = None) -> list[ListedWebhook]:
        """Webhooks, oldest first."""

    def remove(self, webhook_id: str, owner: str | None = None) -> bool:
        """Take a webhook away; False when there is none."""

    def dead(self, limit: int, owner: str | None = None) -> list[DeadMessage]:
        """Messages that were given up, newest first."""

    def replay(self, messages: Collection[str] | None, now: Micros, owner: str | None = None) -> int:
        """Try messages that were given up again, some or all; returns how many."""


class Notifications(NamedTuple):
    """What leaves the screens.

    :param default: what an account gets that has chosen nothing; None where no mails are sent
    :param allowed: private networks that webhooks may reach
    :param key: the secrets of webhooks are derived from it
    :param hurry: there may be something to send
    :param stop_reports: lets every report of an account rest
    """

    choices: MailChoices
    webhooks: Webhooks
    tokens: UnsubscribeTokens
    default: MailChoice | None
    allowed: Sequence[Network]
    key: bytes
    hurry: Callable[[], None]
    stop_reports: Callable[[str], None]


class NotifiedTitles(Protocol):
    """Knows what courses are called."""

    def titles(self, courses: Iterable[str]) -> dict[str, str]:
        """What courses are called, as far as somebody said."""


class NotificationServices(Writes, HasIdentity, Protocol):
    """Lets people choose mails, and instructors, managers and administrators manage webhooks."""

    @property
    def notifications(self) -> Notifications | None:
        """What leaves the screens; None where only events are taken in."""

    @property
    def campus(self) -> NotifiedTitles:
        """What courses are called."""

    @property
    def break_glass(self) -> GrantFlags:
        """Where it is listed what shows records for longer."""
