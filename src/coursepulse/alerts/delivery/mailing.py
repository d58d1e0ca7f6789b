"""Mails that are due: what each recipient may see at this moment, in one message."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple, Protocol

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert, KeptAlert
from coursepulse.alerts.delivery.alarm import Alarm
from coursepulse.alerts.delivery.choices import MailChoice, Pace, after_quiet
from coursepulse.alerts.delivery.mail_settings import MailSettings
from coursepulse.alerts.delivery.message import MailHeaders, MailText, write_message
from coursepulse.alerts.delivery.outbox import ClaimedMail, MailOutbox
from coursepulse.alerts.delivery.pauses import MAIL_GIVEN_UP, mail_pause, server_pause
from coursepulse.alerts.delivery.planner import is_waiting
from coursepulse.alerts.delivery.recipient import TOLD, Recipient
from coursepulse.alerts.delivery.smtp import (
    MailConnection,
    MailPutOff,
    MailRefused,
    MailServer,
    MailServerDown,
    MailUncertain,
)
from coursepulse.audit.entry import AuditEntry
from coursepulse.audit.port import Trail
from coursepulse.kit.clock import Clock, Micros, from_micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.ids import to_text

#: Mails in one turn of the job: a server that stops waits for its end.
_AT_ONCE = 50


class SeenAlerts(Protocol):
    """The part of an alert store that sending uses."""

    def find(self, alerts: Collection[bytes], viewer: Viewer) -> list[KeptAlert]:
        """Those of some alerts that a viewer may see."""


class Reader(NamedTuple):
    """The reader of a mail.

    :param viewer: the recipient with the rights of this moment
    :param name: the login name, so that somebody with several accounts knows which
    :param unsubscribe: a link that needs no sign-in
    :param named: whether the mail names students
    """

    viewer: Viewer
    name: str
    language: str
    unsubscribe: str
    named: bool


class PreparedReport(NamedTuple):
    """A report as it leaves.

    :param unsubscribe: a link that needs no sign-in
    :param told: what is written into the trail: tags with their subjects
    """

    words: MailText
    unsubscribe: str
    told: Sequence[tuple[str, str]]


class ReportNotMade(CoursepulseError):
    """A report cannot be made now."""


class MakesReports(Protocol):
    """Makes what a report says at this moment."""

    def __call__(self, report_id: str, recipient: Recipient, viewer: Viewer) -> PreparedReport | None:
        """The report under the rights of a viewer; None when there is nothing to send.

        :raises ReportNotMade: when it is to be tried again
        """


def make_none(report_id: str, recipient: Recipient, viewer: Viewer) -> None:
    """Where there are no reports."""


class PreparedMail(NamedTuple):
    """A mail that is about to be sent.

    :param write: puts it into words
    :param told: what is written into the trail: tags with their subjects
    """

    claimed: ClaimedMail
    recipient: Recipient
    unsubscribe: str
    write: Callable[[], MailText]
    told: Sequence[tuple[str, str]]


class Mailing:
    """A job: sends what is due over one connection.

    :param tie: adds what ties a viewer to others now
    :param write: puts alerts into words
    :param unsubscribe: the link of an account
    :param make_report: makes the mails that are reports
    """

    def __init__(
        self,
        settings: MailSettings,
        outbox: MailOutbox,
        alerts: SeenAlerts,
        *,
        tie: Callable[[Viewer, bytes | None], Viewer],
        write: Callable[[Reader, Sequence[Alert]], MailText],
        unsubscribe: Callable[[str], str],
        trail: Trail,
        clock: Clock,
        connect: Callable[[MailServer], MailConnection] = MailConnection,
        make_report: MakesReports = make_none,
    ) -> None:
        self._settings, self._outbox, self._alerts = settings, outbox, alerts
        self._tie, self._write, self._unsubscribe = tie, write, unsubscribe
        self._trail, self._clock, self._connect = trail, clock, connect
        self._make_report = make_report
        self._failures = 0
        self._down_until: Micros = 0
        self.alarm = Alarm(outbox.next_at)

    def run(self) -> str:
        """Send what is due. Returns what was done, empty for nothing."""
        now = self._clock()
        if now < self._down_until or not self.alarm.take(now):
            return ""
        sent, more = self._round()
        self.alarm.set(self._clock())
        if more:
            self.alarm.ring()
        return f"{sent} sent" if sent else ""

    def _round(self) -> tuple[int, bool]:
        """How many mails were sent, and whether there may be more."""
        sent = 0
        with ExitStack() as closing:
            connection: MailConnection | None = None
            for _ in range(_AT_ONCE):
                claimed = self._outbox.claim(self._clock())
                if claimed is None:
                    return sent, False
                try:
                    prepared = self._prepare(claimed)
                except ReportNotMade as error:
                    self._try_again(claimed, str(error), maybe=claimed.maybe_sent)
                    continue
                if prepared is None:
                    continue
                try:
                    if connection is None or not connection.is_open:
                        connection = self._connect(self._settings.server)
                        closing.callback(connection.close)
                    sent += self._send(connection, prepared)
                    self._failures = 0
                except MailServerDown as error:
                    self._wait_for_server(claimed, str(error))
                    return sent, True
                except MailUncertain as error:
                    self._try_again(claimed, str(error), maybe=True)
                    connection = None
        return sent, True

    def _prepare(self, claimed: ClaimedMail) -> PreparedMail | None:
        """The mail as it would be now; None if it is not to be sent now, or not at all."""
        now = self._clock()
        recipient = self._outbox.recipients([claimed.account_id]).get(claimed.account_id)
        if recipient is None or not recipient.address:
            self._outbox.finish(claimed.mail_id, "empty", now)
            return None
        choice = recipient.choice or self._settings.default
        later = after_quiet(choice, recipient.zone(choice), now)
        if later > now:
            self._outbox.postpone(claimed.mail_id, later, counts=False, maybe=claimed.maybe_sent)
            return None
        prepared = self._find(claimed, recipient, choice)
        if prepared is None:
            self._outbox.finish(claimed.mail_id, "empty", now)
        return prepared

    def _find(self, claimed: ClaimedMail, recipient: Recipient, choice: MailChoice) -> PreparedMail | None:
        viewer = self._tie(recipient.viewer, recipient.student_id)
        if claimed.report_id:
            report = self._make_report(claimed.report_id, recipient, viewer)
            return report and PreparedMail(
                claimed, recipient, report.unsubscribe, lambda: report.words, report.told
            )
        if recipient.role not in TOLD or choice.pace is Pace.OFF:
            return None
        now = self._clock()
        alerts = [
            kept.alert for kept in self._alerts.find(claimed.alert_ids, viewer) if is_waiting(kept, now)
        ]
        link = self._unsubscribe(recipient.account_id)
        spoken = choice.language or recipient.language
        reader = Reader(viewer, recipient.login_name, spoken, link, self._settings.named)
        told = _told(reader, alerts)
        return (
            PreparedMail(claimed, recipient, link, partial(self._write, reader, alerts), told)
            if alerts
            else None
        )

    def _send(self, connection: MailConnection, prepared: PreparedMail) -> int:
        mail, now = prepared.claimed.mail_id, self._clock()
        headers = MailHeaders(
            self._settings.sender,
            prepared.recipient.address,
            mail,
            prepared.unsubscribe,
            from_micros(now),
        )
        message = write_message(headers, prepared.write())
        # The trail first: what it cannot record must not happen.
        self._record(prepared, now)
        self._outbox.begin(mail)
        try:
            connection.send(message, message["From"].addresses[0].addr_spec, prepared.recipient.address)
        except MailRefused as error:
            self._outbox.finish(mail, "failed", now, str(error))
            return 0
        except MailPutOff as error:
            self._try_again(prepared.claimed, str(error), maybe=prepared.claimed.maybe_sent)
            return 0
        self._outbox.finish(mail, "sent", self._clock())
        return 1

    def _record(self, prepared: PreparedMail, now: Micros) -> None:
        viewer = prepared.recipient.viewer
        entries = [
            AuditEntry(at=now, actor=viewer.subject, role=viewer.role.value, tag=tag, subject=subject)
            for tag, subject in prepared.told
        ]
        for written in [self._trail.submit(entry) for entry in entries]:
            written.result()

    def _try_again(self, claimed: ClaimedMail, trouble: str, *, maybe: bool) -> None:
        now = self._clock()
        if now - claimed.due_at > MAIL_GIVEN_UP:
            self._outbox.finish(claimed.mail_id, "failed", now, trouble)
            return
        at = now + mail_pause(claimed.attempts)
        self._outbox.postpone(claimed.mail_id, at, trouble, maybe=maybe)

    def _wait_for_server(self, claimed: ClaimedMail, trouble: str) -> None:
        """An outage is nobody's attempt: every mail leaves as soon as the server is back, and once."""
        self._failures += 1
        self._down_until = self._clock() + server_pause(self._failures)
        if self._clock() - claimed.due_at > MAIL_GIVEN_UP:
            self._outbox.finish(claimed.mail_id, "failed", self._clock(), trouble)
            return
        maybe = claimed.maybe_sent
        self._outbox.postpone(claimed.mail_id, self._down_until, trouble, counts=False, maybe=maybe)


def _told(reader: Reader, alerts: Sequence[Alert]) -> list[tuple[str, str]]:
    named = {alert.student_id for alert in alerts if reader.named and alert.student_id}
    courses = sorted({alert.course_id for alert in alerts})
    return [
        *(("alerts:student:mail", to_text(student)) for student in sorted(named)),
        *(("alerts:course:mail", course) for course in courses),
    ]
