from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest

from coursepulse.access.viewer import Role
from coursepulse.alerts.delivery.choices import Pace
from coursepulse.alerts.delivery.outbox import MailWish
from coursepulse.alerts.delivery.smtp import MailConnection
from coursepulse.alerts.delivery.webhooks import Happened
from coursepulse.alerts.rule import Severity
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND
from coursepulse.kit.ids import to_text
from coursepulse.stream.processor import make_id
from tests.alerts.delivery.harness import (
    BASE,
    NOW,
    DeliveryHarness,
    account_id,
    course_alert,
    learner_alert,
    platform_alert,
)
from tests.support.campus_world import pseudonym

#: Eight in the morning after, in Berlin.
MORNING = NOW - 90 * MINUTE - HOUR + DAY


def texts(mail: Any) -> tuple[str, str]:
    parts = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
    return parts["text/plain"].replace("\r\n", "\n"), parts["text/html"].replace("\r\n", "\n")


def test_a_digest_comes_at_the_hour_of_the_recipient_in_one_message(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.course("logic", "emmy", learners=("ada",))
    server.raise_alerts(learner_alert("ada"), learner_alert("ben"), course_alert("logic"))
    assert server.until(MORNING - MINUTE) == []
    (mail,) = server.until(MORNING + HOUR)
    assert server.mailbox.recipients == ["emmy@example.edu"]
    assert mail["Subject"] == "coursepulse: 3 alerts"
    assert mail["From"] == "Pulse <pulse@example.edu>"
    text, html = texts(mail)
    assert "All of algebra\n- stuck: 2 learners\n" in text
    assert "All of logic\n- halted: 1 alert\n" in text
    assert f'<a href="{BASE}/alerts?course=algebra"' in html
    assert server.until(MORNING + 3 * DAY, HOUR) == []


def test_a_mail_names_nobody_unless_the_setting_allows_it(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"))
    (mail,) = server.send()
    for student in ("ada", "ben"):
        assert student not in mail.as_string().lower()
        assert pseudonym(student).hex()[:8] not in mail.as_string()
    assert [entry.tag for entry in server.trail.entries] == ["alerts:course:mail"]


def test_names_stand_where_the_setting_allows_them_and_each_student_finds_out(
    server: DeliveryHarness,
) -> None:
    server.named = True
    server.restart()
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"), learner_alert("ben"))
    (mail,) = server.send()
    assert "- stuck: 2 learners (Ada, Ben)" in texts(mail)[0]
    tags = [entry.tag for entry in server.trail.entries]
    assert sorted(tags) == ["alerts:course:mail", "alerts:student:mail", "alerts:student:mail"]


def test_teaching_that_ends_before_the_mail_leaves_ends_the_mail(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.course("logic", "emmy")
    server.raise_alerts(learner_alert("ada"), course_alert("logic"))
    server.execute("DELETE FROM teaching WHERE course_id = 'algebra'")
    (mail,) = server.until(MORNING + HOUR)
    assert "algebra" not in mail.as_string()
    assert "logic" in mail.as_string()


def test_a_learner_who_leaves_the_course_is_in_no_mail(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.raise_alerts(learner_alert("ada"))
    server.execute("UPDATE enrolments SET status = 'ended'")
    assert server.until(MORNING + HOUR) == []
    assert server.rows("SELECT state FROM mails") == [("empty",)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts SET disabled = true",
        "UPDATE accounts SET role = 'student'",
        "UPDATE people SET email = ''",
        "DELETE FROM accounts",
    ],
)
def test_nothing_is_sent_to_an_account_that_is_not_to_have_it(server: DeliveryHarness, change: str) -> None:
    server.serve_mail()
    server.raise_alerts(learner_alert("ada"))
    server.execute(change)
    assert server.until(MORNING + HOUR) == []


def test_what_was_seen_to_or_is_over_is_left_out(server: DeliveryHarness) -> None:
    server.serve_mail()
    alerts = [learner_alert("ada"), learner_alert("ben"), course_alert(), course_alert(item="lesson-2")]
    server.raise_alerts(*alerts)
    server.alerts.acknowledge([alerts[0].alert_id], "account:x", NOW)
    server.alerts.snooze([alerts[1].alert_id], NOW + 7 * DAY, "account:x")
    server.alerts.clear([alerts[2].alert_id], NOW)
    (mail,) = server.until(MORNING + HOUR)
    assert "stuck" not in mail.as_string()
    assert "halted: 1 alert" in texts(mail)[0]


def test_withdrawn_alerts_are_left_out(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.raise_alerts(learner_alert("ada"))
    server.alerts.withdraw([learner_alert("ada").alert_id], NOW)
    assert server.until(MORNING + HOUR) == []


def test_urgent_alerts_come_at_once_and_the_rest_with_the_digest(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.raise_alerts(learner_alert("ben", severity=Severity.URGENT))
    (mail,) = server.send()
    assert mail["Subject"] == "coursepulse, urgent: 1 alert"
    server.raise_alerts(learner_alert("ada"))
    assert server.send() == []
    (digest,) = server.until(MORNING + HOUR)
    assert digest["Subject"] == "coursepulse: 1 alert"


def test_quiet_hours_are_those_of_the_recipients_zone(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.person("li", "li@example.edu", "Asia/Shanghai")
    server.account("li", Role.INSTRUCTOR, "li")
    server.execute("INSERT INTO teaching VALUES ('algebra', %s)", pseudonym("li").hex())
    # 10:30 in Berlin is 17:30 in Shanghai.
    for login in ("emmy", "li"):
        server.choose(login, quiet_from=17, quiet_until=9)
    server.raise_alerts(learner_alert("ada", severity=Severity.URGENT))
    server.send()
    assert server.mailbox.recipients == ["emmy@example.edu"]
    server.until(NOW + 15 * HOUR + 29 * MINUTE)
    assert server.mailbox.recipients == ["emmy@example.edu"]
    server.until(NOW + 15 * HOUR + 31 * MINUTE)
    assert server.mailbox.recipients == ["emmy@example.edu", "li@example.edu"]


def test_quiet_hours_chosen_while_a_mail_waits_hold_it_back(server: DeliveryHarness) -> None:
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"))
    server.choose("emmy", quiet_from=10, quiet_until=12)
    server.serve_mail()
    assert server.send() == []
    assert len(server.until(NOW + 91 * MINUTE)) == 1


def test_an_own_zone_wins_over_that_of_the_roster(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy", pace=Pace.DAILY, hour=10, time_zone="Europe/London")
    server.raise_alerts(learner_alert("ada"))
    assert server.until(NOW + 29 * MINUTE) == []
    assert len(server.until(NOW + 31 * MINUTE)) == 1


def test_managers_hear_of_members_who_let_them_and_admins_of_the_platform(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.team("rosa", "ada", "ben", sharing=("ben",))
    server.account("root@example.edu", Role.ADMIN)
    for login in ("rosa", "root@example.edu"):
        server.choose(login)
    server.choose("emmy", pace=Pace.OFF)
    server.raise_alerts(learner_alert("ada"), learner_alert("ben"), platform_alert())
    mails = {mail["To"]: texts(mail)[0] for mail in server.send()}
    assert set(mails) == {"rosa@example.edu", "root@example.edu"}
    assert "stuck: 1 learner\n" in mails["rosa@example.edu"]
    assert "The platform\n- disk_gone: 1 alert" in mails["root@example.edu"]
    assert "stuck" not in mails["root@example.edu"]


def test_alerts_of_one_minute_share_a_mail_and_later_ones_get_another(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"))
    server.raise_alerts(course_alert())
    assert len(server.send()) == 1
    server.raise_alerts(learner_alert("ben"))
    server.raise_alerts(learner_alert("ada", updated_at=NOW + 1, values={"times": 4.0}))
    assert server.send() == []
    (mail,) = server.send(NOW + MINUTE)
    assert "stuck: 1 learner" in texts(mail)[0]
    assert server.until(NOW + HOUR) == []


def test_a_mail_server_down_for_an_hour_gets_each_digest_once_when_it_is_back(
    server: DeliveryHarness,
) -> None:
    server.choose("emmy")
    server.person("li", "li@example.edu")
    server.account("li", Role.INSTRUCTOR, "li")
    server.execute("INSERT INTO teaching VALUES ('algebra', %s)", pseudonym("li").hex())
    server.choose("li", pace=Pace.HOURLY)
    for minute in range(0, 60, 5):
        server.raise_alerts(course_alert(item=f"lesson-{minute}", at=server.now))
        server.until(NOW + (minute + 5) * MINUTE)
    (attempts,) = set(server.rows("SELECT attempts FROM mails"))
    assert attempts == (0,)
    server.serve_mail()
    server.until(NOW + 2 * HOUR)
    assert sorted(server.mailbox.recipients) == ["emmy@example.edu", "li@example.edu"]
    assert all("halted: 12 alerts" in texts(mail)[0] for mail in server.mailbox.mails)
    assert server.until(NOW + DAY, HOUR) == []


def test_a_refused_address_is_not_tried_again_and_costs_nobody_else_anything(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.person("li", "li@example.edu")
    server.account("li", Role.INSTRUCTOR, "li")
    server.execute("INSERT INTO teaching VALUES ('algebra', %s)", pseudonym("li").hex())
    server.mailbox.refuse["emmy@example.edu"] = "550 5.1.1 no such user"
    for login in ("emmy", "li"):
        server.choose(login)
    server.raise_alerts(learner_alert("ada"))
    assert [mail["To"] for mail in server.send()] == ["li@example.edu"]
    latest = server.outbox.latest(account_id("emmy"))
    assert latest
    assert (latest.state, latest.trouble) == ("failed", "The mail server said: 550 5.1.1 no such user")
    server.mailbox.refuse.clear()
    assert server.until(NOW + DAY, HOUR) == []


def test_a_mail_that_is_put_off_is_tried_again_with_growing_pauses(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.mailbox.answer += ["451 4.7.1 greylisted", "452 4.2.2 full"]
    server.raise_alerts(learner_alert("ada"))
    assert server.send() == []
    assert server.until(NOW + 59 * SECOND, SECOND) == []
    assert server.until(NOW + 179 * SECOND, SECOND) == []
    assert len(server.until(NOW + 4 * MINUTE, SECOND)) == 1


def test_a_mail_that_nobody_takes_is_given_up_after_three_days(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.mailbox.refuse["emmy@example.edu"] = "450 4.2.1 busy"
    server.raise_alerts(learner_alert("ada"))
    server.until(NOW + 73 * HOUR, HOUR // 2)
    assert server.rows("SELECT state FROM mails") == [("failed",)]


def test_a_connection_that_breaks_after_the_mail_leads_to_the_same_message_id(
    server: DeliveryHarness,
) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.mailbox.answer += ["hang up"]
    server.raise_alerts(learner_alert("ada"))
    assert len(server.send()) == 1
    # What is raised now must not go into a mail that may be there already: its reader would not see it.
    server.raise_alerts(learner_alert("ben"))
    server.until(NOW + HOUR)
    first, *others = [mail["Message-ID"] for mail in server.mailbox.mails]
    assert others.count(first) == 1
    assert len(set(others)) == 2


class _Killed(BaseException):
    """The process ends here."""


class _DiesAfterSending(MailConnection):
    def send(self, *given: object) -> None:
        super().send(*given)  # type: ignore[arg-type]
        raise _Killed


class _DiesBeforeSending(MailConnection):
    def send(self, *given: object) -> None:
        raise _Killed


@pytest.mark.parametrize(("dying", "wanted"), [(_DiesBeforeSending, 1), (_DiesAfterSending, 2)])
def test_a_server_killed_while_it_sends_repeats_at_most_that_mail_under_the_same_id(
    server: DeliveryHarness, dying: type[MailConnection], wanted: int
) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.restart(dying)
    server.raise_alerts(learner_alert("ada"))
    with pytest.raises(_Killed):
        server.send()
    server.restart()
    server.until(NOW + 2 * HOUR)
    ids = [mail["Message-ID"] for mail in server.mailbox.mails]
    assert len(ids) == wanted
    assert len(set(ids)) == 1


@pytest.mark.parametrize(("when", "wanted"), [("before", 1), ("after", 2)])
def test_kill_9_while_a_mail_is_sent_repeats_it_at_most_under_the_same_id(
    server: DeliveryHarness, postgres_dsn: str, when: str, wanted: int
) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"))
    killed = subprocess.run(
        [sys.executable, "-m", "tests.alerts.delivery.killed", postgres_dsn, str(server.port), when],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    server.until(NOW + HOUR)
    ids = [mail["Message-ID"] for mail in server.mailbox.mails]
    assert len(ids) == wanted
    assert len(set(ids)) == 1


def test_a_mail_that_may_have_been_sent_before_a_kill_takes_no_further_alerts(
    server: DeliveryHarness,
) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.restart(_DiesAfterSending)
    server.raise_alerts(learner_alert("ada"))
    with pytest.raises(_Killed):
        server.send()
    server.restart()
    server.mailbox.answer += ["451 4.7.1 greylisted"]
    assert server.until(NOW + 6 * MINUTE, MINUTE) == []
    server.raise_alerts(course_alert())
    first, second = server.until(NOW + HOUR)
    assert {"halted" in mail.as_string() for mail in (first, second)} == {True, False}
    ids = {mail["Message-ID"] for mail in server.mailbox.mails if "stuck" in mail.as_string()}
    assert len(ids) == 1


def test_the_message_id_follows_from_the_recipient_and_the_moment(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"))
    (mail,) = server.send()
    wanted = make_id("mail", UUID(account_id("emmy")).bytes, NOW)
    assert mail["Message-ID"] == f"<{to_text(wanted)}@example.edu>"


def test_two_servers_on_one_outbox_send_each_mail_once(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"))
    claimed = server.outbox.claim(server.now)
    assert claimed
    assert server.send() == []
    server.outbox.postpone(claimed.mail_id, server.now, maybe=False)
    assert len(server.send(NOW + MINUTE)) == 1


def test_who_wants_no_mails_gets_none_that_waits_either(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.raise_alerts(learner_alert("ada"))
    server.choose("emmy", pace=Pace.OFF)
    server.raise_alerts(learner_alert("ben", severity=Severity.URGENT))
    assert server.send() == []
    server.choose("emmy")
    assert server.until(MORNING + DAY, HOUR) == []


def test_a_mail_can_be_unsubscribed_with_one_click_and_robots_do_not_answer(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"))
    (mail,) = server.send()
    link = f"{BASE}/unsubscribe/{server.tokens.sign(account_id('emmy'))}"
    assert mail["List-Unsubscribe"] == f"<{link}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert all(link in text for text in texts(mail))


def test_a_mail_speaks_the_language_of_its_reader(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy", language="de")
    server.raise_alerts(learner_alert("ada"))
    (mail,) = server.send()
    text, html = texts(mail)
    assert mail["Subject"] == "coursepulse: 1 Meldung"
    assert text.startswith("1 Meldung ist offen, um die Sie sich noch nicht gekümmert haben.")
    assert '<html lang="de" dir="ltr">' in html


def test_without_another_choice_a_mail_speaks_the_language_of_the_account(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy", language="")
    server.execute("UPDATE accounts SET language = 'ar' WHERE login_name = 'emmy'")
    server.raise_alerts(learner_alert("ada"))
    (mail,) = server.send()
    text, html = texts(mail)
    assert text.startswith("تنبيه واحد مفتوح لم تعالجه بعد.")
    assert '<html lang="ar" dir="rtl">' in html


def test_titles_are_text_in_html(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    title = "<b>Sets & maps</b>\r\nBcc: everybody@example.edu"
    server.execute("UPDATE courses SET title = %s", title)
    server.raise_alerts(learner_alert("ada"))
    (mail,) = server.send()
    assert "&lt;b&gt;Sets &amp; maps&lt;/b&gt;" in texts(mail)[1]
    assert mail["Bcc"] is None


def test_what_was_raised_long_ago_is_no_news_when_mails_are_set_up(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(course_alert(at=NOW - 2 * DAY), learner_alert("ada", at=NOW - HOUR))
    (mail,) = server.send()
    assert "halted" not in mail.as_string()


def test_planning_again_after_a_crash_plans_nothing_twice(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.raise_alerts(learner_alert("ada"))
    server.execute("UPDATE alert_outbox_position SET number = 0")
    server.now += HOUR
    server.restart()
    server.planner.run()
    server.until(MORNING + DAY)
    assert len(server.mailbox.mails) == 1


def test_an_idle_server_asks_the_database_once_a_minute(
    server: DeliveryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.planner.run()
    server.mailing.run()
    server.posting.run()
    monkeypatch.setattr(server.pool, "connection", lambda **_: pytest.fail("the database was asked"))
    for _ in range(59):
        server.now += SECOND
        for job in (server.planner, server.mailing, server.posting):
            job.run()


def test_what_is_erased_leaves_the_outbox(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.raise_alerts(learner_alert("ada"), learner_alert("ben"))
    server.alerts.forget([pseudonym("ada")])
    assert server.rows("SELECT count(*) FROM mail_alerts") == [(1,)]
    (mail,) = server.until(MORNING + HOUR)
    assert "stuck: 1 learner\n" in texts(mail)[0]
    server.execute("DELETE FROM accounts")
    tables = ("mails", "mail_alerts", "mail_choices")
    assert [server.rows(f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * 3


def test_nothing_is_planned_about_what_was_erased_meanwhile(server: DeliveryHarness) -> None:
    alert = learner_alert("ada")
    server.alerts.put([alert])
    server.alerts.forget([pseudonym("ada")])
    server.outbox.add([MailWish(account_id("emmy"), alert.alert_id, NOW)])
    hook = server.webhook("https://hooks.example.edu/")
    server.webhooks.plan([(hook, alert.alert_id, Happened.RAISED)], NOW)
    for table in ("mails", "webhook_messages"):
        assert server.rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_mails_that_were_done_long_ago_are_forgotten(server: DeliveryHarness) -> None:
    server.serve_mail()
    server.choose("emmy")
    server.raise_alerts(learner_alert("ada"))
    server.send()
    server.outbox.purge(NOW + 89 * DAY)
    assert server.rows("SELECT state FROM mails") == [("sent",)]
    server.outbox.purge(NOW + 91 * DAY)
    assert server.rows("SELECT state FROM mails") == []
