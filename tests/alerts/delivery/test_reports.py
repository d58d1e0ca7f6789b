"""Reports through the outbox: on a real PostgreSQL and a real mail server, with a clock to set."""

from __future__ import annotations

import subprocess
import sys
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.delivery.choices import Pace
from coursepulse.alerts.delivery.mailing import PreparedReport, ReportNotMade
from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND
from coursepulse.reports.schedule import ReportKind, ReportSchedule, Rhythm, find_next
from tests.alerts.delivery.harness import NOW, DeliveryHarness, account_id, learner_alert

_REPORTS = UUID("018f3a52-9c41-7c1e-8a44-0a6b7f6f2d11")
BERLIN = ZoneInfo("Europe/Berlin")

#: NOW is Tuesday, 10:30 in Berlin.
AT_NOON = Rhythm(weekday=1, hour=12)
NOON = NOW + 90 * MINUTE


def schedule(server: DeliveryHarness, rhythm: Rhythm = AT_NOON, login: str = "emmy") -> str:
    report = str(uuid5(_REPORTS, f"{rhythm} {login}"))
    server.schedules.add(
        ReportSchedule(
            report_id=report,
            account_id=account_id(login),
            kind=ReportKind.PAGE,
            rhythm=rhythm,
            title="Algebra",
            address="/courses/algebra",
            created_at=server.now,
            created_by="account:x",
            next_at=find_next(rhythm, BERLIN, server.now),
        )
    )
    server.reports.alarm.ring()
    return report


def pass_time(server: DeliveryHarness, end: int, step: int = 10 * MINUTE) -> list[Any]:
    """Let time pass for both jobs; the reports that came meanwhile."""
    before = len(server.mailbox.mails)
    while server.now < end:
        server.now = min(end, server.now + step)
        server.reports.run()
        server.mailing.run()
    return server.mailbox.mails[before:]


def said(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content()).strip()


def test_a_report_comes_at_its_hour_once_a_week_with_its_file(server: DeliveryHarness) -> None:
    server.serve_mail()
    schedule(server)
    assert pass_time(server, NOON - MINUTE) == []
    (mail,) = pass_time(server, NOON + HOUR)
    assert mail["To"] == "emmy@example.edu"
    assert said(mail) == "emmy teaches algebra"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("report.pdf", "application/pdf")
    assert pass_time(server, NOON + 7 * DAY - MINUTE, HOUR) == []
    assert len(pass_time(server, NOON + 7 * DAY + HOUR)) == 1
    assert [entry.tag for entry in server.trail.entries] == ["reports:page:mail"] * 2


def test_it_is_made_under_the_rights_of_the_moment_of_sending(server: DeliveryHarness) -> None:
    server.serve_mail()
    schedule(server)
    server.course("logic", "emmy")
    server.execute("DELETE FROM teaching WHERE course_id = 'algebra'")
    (mail,) = pass_time(server, NOON + HOUR)
    assert said(mail) == "emmy teaches logic"


def test_a_server_that_was_down_for_weeks_sends_one(server: DeliveryHarness) -> None:
    server.serve_mail()
    schedule(server)
    server.now = NOON + 20 * DAY
    server.restart()
    assert len(pass_time(server, server.now + HOUR)) == 1


def test_planning_again_after_a_crash_plans_nothing_twice(server: DeliveryHarness) -> None:
    server.serve_mail()
    report = schedule(server)
    due = server.rows("SELECT next_at FROM report_schedules")[0][0]
    assert len(pass_time(server, NOON + MINUTE)) == 1
    # As if the process had died before it noted when the next one is due.
    server.execute("UPDATE report_schedules SET next_at = %s WHERE report_id = %s", due, report)
    server.restart()
    assert pass_time(server, NOON + HOUR) == []


@pytest.mark.parametrize(("when", "copies"), [("before", 0), ("after", 1)])
def test_a_report_survives_the_death_of_the_server(
    server: DeliveryHarness, postgres_dsn: str, when: str, copies: int
) -> None:
    server.serve_mail()
    schedule(server, Rhythm(weekday=1, hour=11))
    server.now = NOW + 30 * MINUTE
    server.reports.run()
    # The other process has a clock that stands at NOW.
    server.execute(
        "UPDATE mails SET due_at = due_at - interval '1 hour', try_at = try_at - interval '1 hour'"
    )
    command = [sys.executable, "-m", "tests.alerts.delivery.killed", postgres_dsn, str(server.port), when]
    assert subprocess.run(command, check=False, timeout=60).returncode != 0
    assert len(server.mailbox.mails) == copies
    pass_time(server, NOW + HOUR)
    # Nobody can know whether the first one arrived: a copy has the same id, and mail programs show it once.
    assert len({mail["Message-ID"] for mail in server.mailbox.mails}) == 1
    assert len(server.mailbox.mails) == copies + 1


def test_a_mail_server_that_puts_it_off_gets_it_again(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.mailbox.answer = ["451 later", "451 later"]
    schedule(server)
    assert len(pass_time(server, NOON + 10 * MINUTE, MINUTE)) == 1


def test_what_cannot_be_made_now_is_tried_again(server: DeliveryHarness) -> None:
    tries: list[str] = []
    plain = server.make_report

    def make(report_id: str, recipient: Recipient, viewer: Viewer) -> PreparedReport | None:
        tries.append(report_id)
        if len(tries) == 1:
            raise ReportNotMade("A store is away.")
        return plain(report_id, recipient, viewer)

    server.make_report = make
    server.restart()
    server.serve_mail()
    schedule(server)
    assert len(pass_time(server, NOON + 10 * MINUTE, MINUTE)) == 1
    assert len(tries) == 2


def test_quiet_hours_hold_it_back(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy", quiet_from=11, quiet_until=13)
    schedule(server)
    assert pass_time(server, NOON + HOUR - MINUTE) == []
    assert len(pass_time(server, NOON + HOUR + 10 * MINUTE)) == 1


def test_who_wants_no_alerts_still_gets_reports(server: DeliveryHarness) -> None:
    server.serve_mail()
    schedule(server)
    server.now = NOON
    server.reports.run()
    server.choose("emmy", pace=Pace.OFF)
    assert len(pass_time(server, NOON + HOUR)) == 1


def test_an_alert_does_not_go_into_the_mail_of_a_report(server: DeliveryHarness) -> None:
    schedule(server)
    server.now = NOON
    server.reports.run()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada", at=NOON))
    server.serve_mail()
    assert sorted(mail["Subject"] for mail in server.send()) == ["Report", "coursepulse: 1 alert"]


def test_a_paused_report_rests_with_what_waited_of_it(server: DeliveryHarness) -> None:
    report = schedule(server)
    server.now = NOON
    server.reports.run()
    server.schedules.pause(report)
    server.serve_mail()
    assert pass_time(server, NOON + 8 * DAY, HOUR) == []
    server.schedules.resume(report, find_next(AT_NOON, BERLIN, server.now))
    server.reports.alarm.ring()
    assert len(pass_time(server, NOON + 15 * DAY, HOUR)) == 1


@pytest.mark.parametrize(
    "change",
    ["UPDATE accounts SET disabled = true", "UPDATE people SET email = ''", "DELETE FROM accounts"],
)
def test_nothing_is_sent_to_an_account_that_is_not_to_have_it(server: DeliveryHarness, change: str) -> None:
    server.serve_mail()
    schedule(server)
    server.now = NOON
    server.reports.run()
    server.execute(change)
    assert pass_time(server, NOON + HOUR) == []


def test_letters_are_off_until_the_setting_or_the_person_says_otherwise(server: DeliveryHarness) -> None:
    server.account("root@example.edu", Role.ADMIN)
    server.reports.run()
    assert server.schedules.all() == []
    server.letters = True
    server.restart()
    server.serve_mail()
    server.reports.run()
    (letter,) = server.schedules.all()
    assert (letter.account_id, letter.kind) == (account_id("emmy"), ReportKind.LETTER)
    # Monday, 07:00 in Berlin.
    monday = NOW + 6 * DAY - 210 * MINUTE
    assert pass_time(server, monday - MINUTE, HOUR) == []
    assert len(pass_time(server, monday + HOUR)) == 1
    server.schedules.pause(letter.report_id)
    server.reports.alarm.ring()
    assert pass_time(server, monday + 8 * DAY, 6 * HOUR) == []
    assert len(server.schedules.all()) == 1


def test_an_idle_planner_asks_the_database_once_a_minute(
    server: DeliveryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reports.run()
    monkeypatch.setattr(server.pool, "connection", lambda **_: pytest.fail("the database was asked"))
    for _ in range(59):
        server.now += SECOND
        server.reports.run()
