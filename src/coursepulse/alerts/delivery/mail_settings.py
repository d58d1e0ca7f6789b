"""What the operator has chosen about mails, read from the settings."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.alerts.delivery.choices import MailChoice, Pace
from coursepulse.alerts.delivery.message import read_sender
from coursepulse.alerts.delivery.smtp import MailServer, parse_server
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings


class MailSettings(NamedTuple):
    """What the operator has chosen.

    :param server: where mails are handed in
    :param default: what an account gets that has chosen nothing
    :param named: whether mails name students
    """

    server: MailServer
    sender: str
    default: MailChoice
    named: bool


def read_mail_settings(settings: Settings) -> MailSettings | None:
    """How mails are sent; None if the settings name no mail server.

    :raises SettingError: when a part is missing or malformed
    """
    if not settings.smtp:
        return None
    server = parse_server(settings.smtp)
    if not settings.public_url:
        raise SettingError("COURSEPULSE_SMTP also needs COURSEPULSE_PUBLIC_URL, because mails contain links.")
    try:
        read_sender(settings.mail_from)
    except ValueError:
        sentence = "COURSEPULSE_MAIL_FROM must look like Analytics <analytics@example.edu>."
        raise SettingError(sentence) from None
    default = MailChoice(pace=Pace(settings.mail_pace))
    return MailSettings(server, settings.mail_from, default, named=settings.mail_names == "on")
