"""Reports and letters in the words of mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urljoin

from coursepulse.alerts.delivery.message import MailFile, MailText
from coursepulse.dashboards.digests import mail_templates
from coursepulse.dashboards.language import direction, language
from coursepulse.dashboards.text import say


class LetterNumber(NamedTuple):
    """One number of a letter, and how it compares with the days before."""

    name: str
    value: str
    note: str = ""


class LetterAction(NamedTuple):
    """The one thing to do.

    :param href: where: an address of this server, or of the learning platform
    """

    title: str
    why: str
    href: str


class Letter(NamedTuple):
    """Three numbers and one thing to do.

    :param missing: that numbers are missing which could not be read; empty when none are
    """

    lead: str
    numbers: tuple[LetterNumber, ...]
    action: LetterAction
    missing: str = ""


class MailFoot(NamedTuple):
    """Why somebody gets a mail, and how it stops.

    :param name: of the account
    :param stop: a link that needs no sign-in
    """

    name: str
    stop: str


class ReportMailWriter:
    """Writes the mails of reports, in the language that is spoken.

    :param base: the address at which browsers reach this server
    """

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")

    def report(self, title: str, address: str, foot: MailFoot, file: MailFile | None, lead: str) -> MailText:
        """A page, as a file or as a link."""
        values = {"lead": lead, "title": title, "url": self._url(address)}
        return self._write("report", say("report.subject", title=title), values, foot)._replace(
            files=(file,) if file else ()
        )

    def letter(self, letter: Letter, foot: MailFoot) -> MailText:
        """The weekly letter."""
        values = {"letter": letter, "url": self._url(letter.action.href), "home": self._url("/?days=7")}
        return self._write("letter", say("letter.subject"), values, foot)

    def _write(self, template: str, subject: str, values: Mapping[str, object], foot: MailFoot) -> MailText:
        said = {
            **values,
            "subject": subject,
            "foot": foot,
            "change": self._url("/reports"),
            "language": language(),
            "direction": direction(),
            "say": say,
        }
        text, html = (
            mail_templates().get_template(f"{template}.{kind}").render(said) for kind in ("txt", "html")
        )
        return MailText(subject, text, html)

    def _url(self, address: str) -> str:
        return urljoin(f"{self._base}/", address)
