"""Scheduling reports; screens and API call the same functions. Not for the loop."""

from __future__ import annotations

import re
from typing import NamedTuple
from uuid import uuid4

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.campus.zones import find_zone
from coursepulse.collect.keys import ADMIN
from coursepulse.dashboards.language import language
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import is_uuid
from coursepulse.reports.schedule import (
    ReportForm,
    ReportKind,
    ReportSchedule,
    Rhythm,
    find_next,
    new_letter,
    zone_of,
)
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.reading import refuse_nul
from coursepulse.web.reports.letters import READERS
from coursepulse.web.reports.making import PageReader
from coursepulse.web.reports.ports import Reports, ReportServices

#: Reports of one account.
MOST = 20

#: Who can see a page of cards.
_ROLES = (*READERS, Role.ADMIN)

#: The pages of cards. Whether somebody may see one is asked of the page itself.
_ADDRESS = re.compile(
    r"/(courses/[^/?#\s]+(/videos/[^/?#\s]+|/students/[^/?#\s]+)?|students/[^/?#\s]+|teams/[^/?#\s]+|admin/[a-z-]+)?"
    r"(\?[!-~]*)?"
)

#: Characters of an address.
_LONGEST = 1000


class NewReport(NamedTuple):
    """A report to be made.

    :param address: of the page, without the host
    """

    account_id: str
    address: str
    form: ReportForm
    rhythm: Rhythm


def reports_of(services: ReportServices) -> Reports:
    """What is sent.

    :raises RequestError: ``no_reports`` where only events are taken in
    """
    if services.reports is None:
        raise RequestError(
            "no_reports",
            "This process only collects events. Send the request to the process that stores them.",
            404,
        )
    return services.reports


def list_reports(services: ReportServices, viewer: Viewer, account_id: str | None) -> list[ReportSchedule]:
    """The reports of an account, or for administrators those of all.

    :raises RequestError: ``forbidden``
    """
    if account_id is None and not is_admin(viewer):
        raise RequestError("forbidden", "You may not see this.", 403)
    return reports_of(services).schedules.all(account_id)


def find_reader(services: ReportServices, account_id: str) -> Recipient:
    """Who is to get a report.

    :raises RequestError: ``unknown_account``, ``gets_no_reports``
    """
    found = reports_of(services).recipients.recipients([account_id]).get(account_id)
    if found is None:
        raise RequestError("unknown_account", say("accounts.unknown"), 404)
    if found.role not in _ROLES:
        raise RequestError("gets_no_reports", say("reports.no_role"), 409)
    return found


def add_report(services: ReportServices, viewer: Viewer, new: NewReport) -> ReportSchedule:
    """Schedule a page. People schedule what they see themselves; for others the page is asked when it is sent.

    :raises RequestError: ``unknown_account``, ``gets_no_reports``, ``invalid_page``, ``invalid_rhythm``,
        ``unknown_time_zone``, ``too_many_reports``, or what the page answers
    """
    reports, reader = reports_of(services), find_reader(services, new.account_id)
    _check_address(new.address)
    _check_rhythm(new.rhythm)
    if sum(each.kind is ReportKind.PAGE for each in reports.schedules.all(new.account_id)) >= MOST:
        raise RequestError("too_many_reports", say("reports.too_many", most=MOST), 409)
    title = _title(reports, viewer, reader, new)
    now = services.clock()
    schedule = ReportSchedule(
        report_id=str(uuid4()),
        account_id=new.account_id,
        kind=ReportKind.PAGE,
        rhythm=new.rhythm,
        title=title,
        address=new.address,
        form=new.form,
        created_at=now,
        created_by=viewer.subject,
        next_at=find_next(new.rhythm, zone_of(new.rhythm.time_zone, reader.time_zone), now),
    )
    note(services, viewer, "reports:account:add", reader.viewer.subject, _tell(schedule))
    if not reports.schedules.add(schedule):
        raise RequestError("unknown_account", say("accounts.unknown"), 404)
    reports.hurry()
    return schedule


def pause_report(services: ReportServices, viewer: Viewer, report_id: str, *, paused: bool) -> ReportSchedule:
    """Let a report rest or go on.

    :raises RequestError: ``unknown_report``
    """
    reports, schedule = reports_of(services), _own(services, viewer, report_id)
    tag = "reports:account:pause" if paused else "reports:account:resume"
    note(services, viewer, tag, f"account:{schedule.account_id}", report_id)
    if paused:
        reports.schedules.pause(report_id)
    else:
        reader = find_reader(services, schedule.account_id)
        zone = zone_of(schedule.rhythm.time_zone, reader.time_zone)
        reports.schedules.resume(report_id, find_next(schedule.rhythm, zone, services.clock()))
        reports.hurry()
    return _own(services, viewer, report_id)


def send_report(services: ReportServices, viewer: Viewer, report_id: str) -> ReportSchedule:
    """Send a report now, and then at its times.

    :raises RequestError: ``unknown_report``
    """
    reports, schedule = reports_of(services), _own(services, viewer, report_id)
    note(services, viewer, "reports:account:send", f"account:{schedule.account_id}", report_id)
    reports.schedules.resume(report_id, services.clock())
    reports.hurry()
    return schedule


def remove_report(services: ReportServices, viewer: Viewer, report_id: str) -> None:
    """Take a report away.

    :raises RequestError: ``unknown_report``
    """
    schedule = _own(services, viewer, report_id)
    note(services, viewer, "reports:account:remove", f"account:{schedule.account_id}", report_id)
    reports_of(services).schedules.remove(report_id)


def find_letter(services: ReportServices, account_id: str) -> ReportSchedule | None:
    """The weekly letter of an account, as far as it has chosen one."""
    schedules = reports_of(services).schedules.all(account_id)
    return next((each for each in schedules if each.kind is ReportKind.LETTER), None)


def wants_letter(services: ReportServices, account_id: str) -> bool:
    """Whether an account gets the weekly letter: by its choice, or else by the setting."""
    letter = find_letter(services, account_id)
    return not letter.paused if letter else reports_of(services).letters


def choose_letter(services: ReportServices, viewer: Viewer, account_id: str, *, wanted: bool) -> None:
    """Keep whether an account wants the weekly letter.

    :raises RequestError: ``unknown_account``, ``gets_no_letter``
    """
    reports, reader = reports_of(services), find_reader(services, account_id)
    if reader.role not in READERS:
        raise RequestError("gets_no_letter", say("reports.no_letter"), 409)
    tag = "reports:letter:on" if wanted else "reports:letter:off"
    note(services, viewer, tag, reader.viewer.subject)
    letter = find_letter(services, account_id)
    if letter is None:
        zone, by = zone_of("", reader.time_zone), viewer.subject
        letter = new_letter(str(uuid4()), account_id, zone, by, services.clock())
        reports.schedules.add(letter)
    if wanted:
        zone = zone_of("", reader.time_zone)
        reports.schedules.resume(letter.report_id, find_next(letter.rhythm, zone, services.clock()))
        reports.hurry()
    else:
        reports.schedules.pause(letter.report_id)


def find_stopped(services: ReportServices, token: str) -> ReportSchedule | None:
    """Which report a link stops; None for a link that nobody here made."""
    reports = reports_of(services)
    report_id = reports.tokens.read(token)
    return reports.schedules.find(report_id) if report_id else None


def stop_report(services: ReportServices, schedule: ReportSchedule, address: str) -> None:
    """Pause a report for somebody who brings the link of one of its mails."""
    subject = f"account:{schedule.account_id}"
    reader = reports_of(services).recipients.recipients([schedule.account_id]).get(schedule.account_id)
    role = reader.role if reader else Role.STUDENT
    viewer = Viewer(role=role, subject=subject, address=address)
    note(services, viewer, "reports:account:pause", subject, schedule.report_id)
    reports_of(services).schedules.pause(schedule.report_id)


def is_admin(viewer: Viewer) -> bool:
    """Whether somebody sees to the reports of others."""
    return viewer.role is Role.ADMIN or ADMIN in viewer.scopes


def own_account(viewer: Viewer) -> str:
    """The id of somebody's own account.

    :raises RequestError: ``unknown_account`` for a key, which has none
    """
    if not viewer.subject.startswith("account:"):
        raise RequestError("unknown_account", say("accounts.unknown"), 404, path="$.account")
    return viewer.subject.removeprefix("account:")


def _own(services: ReportServices, viewer: Viewer, report_id: str) -> ReportSchedule:
    """A report that somebody may change.

    :raises RequestError: ``unknown_report``, for one of somebody else too
    """
    found = reports_of(services).schedules.find(report_id) if is_uuid(report_id) else None
    if found is None or not (f"account:{found.account_id}" == viewer.subject or is_admin(viewer)):
        raise RequestError("unknown_report", say("reports.unknown"), 404)
    return found


def _title(reports: Reports, viewer: Viewer, reader: Recipient, new: NewReport) -> str:
    """What the page is called. Who schedules it for themselves must see it now; for others, the page is asked later.

    :raises RequestError: ``invalid_page``
    """
    own = viewer.subject == reader.viewer.subject
    title = _look(reports, viewer, reader, new) if isinstance(viewer, PageViewer) else ""
    if own and not title:
        raise RequestError("invalid_page", say("reports.not_seen"), 403, path="$.page")
    if "/students/" in new.address:
        # The page about a student is called by their name, which stands on the roster and nowhere else.
        return say("reports.learner")
    first = new.address.partition("?")[0] == "/"
    return say("reports.first_page") if first and not own else title or new.address


def _look(reports: Reports, viewer: PageViewer, reader: Recipient, new: NewReport) -> str:
    """What the page is called for somebody who looks at it now; empty if they may not."""
    zone = str(zone_of(new.rhythm.time_zone, reader.time_zone))
    page = reports.pages.ask(new.address, PageReader(viewer, zone, language()))
    return page.title if page.status == 200 else ""


def _check_address(address: str) -> None:
    refuse_nul([("page", address)])
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        raise RequestError("invalid_page", say("reports.invalid_page"), path="$.page")


def _check_rhythm(rhythm: Rhythm) -> None:
    if (rhythm.weekday is None) == (rhythm.month_day is None):
        raise RequestError("invalid_rhythm", say("reports.invalid_rhythm"), path="$.weekday")
    if rhythm.time_zone and find_zone(rhythm.time_zone) is None:
        raise RequestError("unknown_time_zone", say("notifications.unknown_zone"), path="$.time_zone")


def _tell(schedule: ReportSchedule) -> str:
    rhythm = schedule.rhythm
    day = f"weekday={rhythm.weekday}" if rhythm.weekday is not None else f"day={rhythm.month_day}"
    return f"{schedule.report_id} {schedule.address} form={schedule.form} {day} hour={rhythm.hour}"
