"""What scheduling and making reports may use of the server."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple, Protocol

from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.kit.clock import Micros
from coursepulse.reports.schedule import ReportSchedule
from coursepulse.web.http.ports import HasIdentity, Writes
from coursepulse.web.reports.making import PageMaker


class KeepsSchedules(Protocol):
    """Keeps reports that are sent. Every method raises StoreUnavailable when it cannot answer."""

    def add(self, schedule: ReportSchedule) -> bool:
        """Keep a report; False if the account is gone or has its letter already."""

    def all(self, account_id: str | None = None) -> list[ReportSchedule]:
        """The reports of one account, or of all, oldest first."""

    def find(self, report_id: str) -> ReportSchedule | None:
        """One report."""

    def remove(self, report_id: str) -> bool:
        """Take a report away; False if there is none."""

    def pause(self, report_id: str, trouble: str = "") -> None:
        """Let a report rest."""

    def resume(self, report_id: str, next_at: Micros) -> None:
        """Let a report go on."""


class KnowsRecipients(Protocol):
    """Knows where mails of accounts go."""

    def recipients(self, accounts: Collection[str]) -> dict[str, Recipient]:
        """Those of some accounts that can sign in."""


class Reports(NamedTuple):
    """What is sent at regular times.

    :param sends: a mail server is set up
    :param letters: accounts that have chosen nothing get the weekly letter
    :param hurry: there may be something to send
    """

    schedules: KeepsSchedules
    recipients: KnowsRecipients
    pages: PageMaker
    tokens: UnsubscribeTokens
    sends: bool
    letters: bool
    hurry: Callable[[], None]


class ReportServices(Writes, HasIdentity, Protocol):
    """Lets people schedule what they may see."""

    @property
    def reports(self) -> Reports | None:
        """What is sent; None where only events are taken in."""
