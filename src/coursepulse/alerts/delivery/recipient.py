"""An account that gets mails, as it is at the moment of asking."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.delivery.choices import MailChoice
from coursepulse.alerts.delivery.message import is_address
from coursepulse.campus.zones import find_zone

#: Who can hear of alerts: nobody else has any to see.
TOLD = (Role.INSTRUCTOR, Role.MANAGER, Role.ADMIN)


class Recipient(NamedTuple):
    """An account that can sign in.

    :param email: of the person on the roster; empty if the account has none
    :param time_zone: of that person, an IANA name
    :param language: of the account; empty until one is chosen
    :param choice: what they have chosen; None for what the settings say
    """

    account_id: str
    role: Role
    student_id: bytes | None
    organisation_id: str
    login_name: str
    email: str
    time_zone: str
    choice: MailChoice | None
    language: str = ""

    @property
    def address(self) -> str:
        """Where mails go: the roster's address, otherwise a login name that is one; empty if there is none."""
        return next((text for text in (self.email, self.login_name) if is_address(text)), "")

    @property
    def viewer(self) -> Viewer:
        """The recipient as somebody who looks, still without what ties them to others."""
        return Viewer(
            role=self.role,
            subject=f"account:{self.account_id}",
            student_id=self.student_id,
            organisation_id=self.organisation_id,
        )

    def zone(self, choice: MailChoice) -> ZoneInfo:
        """The clock that their hours are on."""
        return find_zone(choice.time_zone) or find_zone(self.time_zone) or ZoneInfo("UTC")
