"""What a report says when it leaves: made under the rights that its reader has at that moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.delivery.mailing import PreparedReport, ReportNotMade
from coursepulse.alerts.delivery.message import MailFile
from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.dashboards.language import SOURCE, languages, on_clock, speaking
from coursepulse.dashboards.report_mails import MailFoot, ReportMailWriter
from coursepulse.dashboards.text import plural, say
from coursepulse.reports.schedule import ReportForm, ReportKind, ReportSchedule, zone_of
from coursepulse.web.dashboards.page_files import CSV, PDF
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.reports.letters import compose_letter
from coursepulse.web.reports.making import MadePage, PageMaker, PageReader
from coursepulse.web.reports.ports import KeepsSchedules

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

#: Bytes of a file that mail servers usually take.
_LARGEST = 10 << 20

#: What a page says to somebody who may not see it, or for whom there is none.
_REFUSALS = range(300, 500)


class ReporterSettings(NamedTuple):
    """What the operator has chosen.

    :param base: the address at which browsers reach this server
    :param attached: whether files come with mails, or only links
    :param named: whether mails name students
    """

    base: str
    attached: bool
    named: bool


class Reporter:
    """Makes reports and letters.

    :param services: what letters are made of
    """

    def __init__(
        self,
        settings: ReporterSettings,
        schedules: KeepsSchedules,
        pages: PageMaker,
        tokens: UnsubscribeTokens,
        services: Callable[[], DashboardServices],
    ) -> None:
        self._settings, self._schedules, self._pages = settings, schedules, pages
        self._tokens, self._services = tokens, services
        self._writer = ReportMailWriter(settings.base)

    def make(self, report_id: str, recipient: Recipient, viewer: Viewer) -> PreparedReport | None:
        """See :class:`coursepulse.alerts.delivery.mailing.MakesReports`."""
        schedule = self._schedules.find(report_id)
        if schedule is None:
            return None
        spoken = (recipient.choice.language if recipient.choice else "") or recipient.language
        zone = zone_of(schedule.rhythm.time_zone, recipient.time_zone)
        reader = PageViewer(
            role=viewer.role,
            subject=viewer.subject,
            student_id=viewer.student_id,
            course_ids=viewer.course_ids,
            team_ids=viewer.team_ids,
            organisation_id=viewer.organisation_id,
            opened=viewer.opened,
            grants=viewer.grants,
            name=recipient.login_name,
        )
        with speaking(spoken if spoken in languages() else SOURCE), on_clock(zone):
            if schedule.kind is ReportKind.LETTER:
                return self._letter(schedule, reader)
            return self._page(schedule, reader, zone, spoken or SOURCE)

    def _letter(self, schedule: ReportSchedule, reader: PageViewer) -> PreparedReport | None:
        letter = compose_letter(self._services(), reader)
        if letter is None:
            return None
        words = self._writer.letter(letter, self._foot(schedule, reader))
        return PreparedReport(words, self._stop(schedule), [("reports:letter:mail", reader.subject)])

    def _page(
        self, schedule: ReportSchedule, reader: PageViewer, zone: ZoneInfo, spoken: str
    ) -> PreparedReport:
        file = self._file(schedule, reader)
        page = self._pages.ask(
            _with_file(schedule.address, file) if file else schedule.address,
            PageReader(reader, str(zone), spoken, _orderer(schedule, reader), not self._settings.named),
        )
        if page.status in _REFUSALS:
            # Said once: nobody needs to hear each week that nothing comes.
            self._schedules.pause(schedule.report_id, "refused")
            return self._told(schedule, reader, None, "report.refused")
        if page.status != 200:
            raise ReportNotMade(say("trouble.store"))
        if not file:
            return self._told(schedule, reader, None, "report.link")
        if len(page.content) > _LARGEST:
            return self._told(schedule, reader, None, "report.large")
        return self._told(schedule, reader, page, "report.attached")

    def _file(self, schedule: ReportSchedule, reader: PageViewer) -> str:
        """The form in which the page is attached; empty where only a link is sent."""
        names = "/students/" in urlsplit(schedule.address).path and reader.role is not Role.STUDENT
        if schedule.form is ReportForm.LINK or not self._settings.attached:
            return ""
        if names and not self._settings.named:
            return ""
        return PDF if schedule.form is ReportForm.PDF else CSV

    def _told(
        self, schedule: ReportSchedule, reader: PageViewer, page: MadePage | None, key: str
    ) -> PreparedReport:
        file = MailFile(page.name, page.media_type, page.content) if page else None
        lead, foot = say(key, title=schedule.title), self._foot(schedule, reader)
        if page and page.missing:
            lead = f"{lead} {plural('report.missing', page.missing)}"
        words = self._writer.report(schedule.title, schedule.address, foot, file, lead)
        return PreparedReport(words, self._stop(schedule), [("reports:page:mail", schedule.address)])

    def _foot(self, schedule: ReportSchedule, reader: PageViewer) -> MailFoot:
        return MailFoot(reader.name, self._stop(schedule))

    def _stop(self, schedule: ReportSchedule) -> str:
        return f"{self._settings.base.rstrip('/')}/reports/stop/{self._tokens.sign(schedule.report_id)}"


def _with_file(address: str, form: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}file={form}"


def _orderer(schedule: ReportSchedule, reader: PageViewer) -> str:
    """Who had it made, where that is somebody else."""
    return "" if schedule.created_by == reader.subject else say("reports.by_admin")
