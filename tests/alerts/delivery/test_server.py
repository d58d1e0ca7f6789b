"""The whole way, on a running server: three failed submits reach a mailbox and a receiver."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from typer.testing import CliRunner

from coursepulse.alerts.delivery.mail_settings import read_mail_settings
from coursepulse.alerts.delivery.signature import is_signed
from coursepulse.alerts.delivery.smtp import MailServerDown
from coursepulse.cli.checks import check_mail, check_webhooks
from coursepulse.cli.main import app
from coursepulse.kit.clock import system_clock
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from tests.support.mail_server import Mailbox, free_port, mail_server
from tests.support.pages import study
from tests.support.pdf import ReadPdf
from tests.support.receiver import Receiver, receiver
from tests.support.server import Platform, platform, wait_until

BASE = "https://analytics.example.edu"


class Sent(NamedTuple):
    """A server that has somewhere to send to."""

    sender: Platform
    mailbox: Mailbox
    hook: Receiver


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    """A learner has failed three times."""
    mailbox, port = Mailbox(), free_port()
    with (
        mail_server(mailbox, port),
        receiver() as hook,
        platform(
            tmp_path_factory.mktemp("delivery"),
            smtp=f"smtp://127.0.0.1:{port}",
            mail_from="pulse@example.edu",
            mail_pace="at_once",
            public_url=BASE,
            webhook_networks="127.0.0.1/32",
        ) as sender,
    ):
        _teach(sender)
        yield Sent(sender, mailbox, hook)


def _teach(sender: Platform) -> None:
    people = [
        {"external_id": "learner", "name": "Ada Byron"},
        {"external_id": "teacher", "name": "Emmy", "role": "instructor", "email": "emmy@example.edu"},
    ]
    sender.http.put("/v1/roster/people", json=people).raise_for_status()
    sender.http.put(
        "/v1/roster/courses", json=[{"course_id": "algebra", "title": "Algebra"}]
    ).raise_for_status()
    row = {"course_id": "algebra", "external_id": "learner"}
    sender.http.put("/v1/roster/enrolments", json=[row]).raise_for_status()
    row = {"course_id": "algebra", "external_id": "teacher"}
    sender.http.put("/v1/roster/teaching", json=[row]).raise_for_status()
    account = {"login_name": "emmy", "role": "instructor", "person": "teacher", "reason": "Teaches Algebra."}
    sender.http.post("/v1/accounts", json=account).raise_for_status()
    sender.agree("learner")


def fail(sender: Platform, number: int) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(minutes=10 - number)
    return {
        "event_id": f"failed-{number}",
        "event_type": "quiz_submit",
        "timestamp": at.isoformat(),
        "student_id": "learner",
        "session_id": "visit",
        "context": {"course_id": "algebra", "assessment_id": "quiz-1"},
        "payload": {"score": 10, "max_score": 100, "passed": False, "attempt": number},
    }


def run(sent: Sent, *words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--data", str(sent.sender.data)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def mails_to(sent: Sent, name: str) -> list[EmailMessage]:
    return [mail for mail in sent.mailbox.mails if mail["To"] == f"{name}@example.edu"]


def test_an_alert_reaches_a_mailbox_and_a_receiver_and_can_be_sent_again(sent: Sent) -> None:
    made = json.loads(run(sent, "webhooks", "add", "bot", "--url", sent.hook.url, "--json"))
    sent.hook.statuses = [500]
    sent.sender.send(*(fail(sent.sender, number) for number in range(1, 4)))
    wait_until(lambda: bool(mails_to(sent, "emmy")) and bool(sent.hook.requests), 30)
    (mail,) = mails_to(sent, "emmy")
    assert (mail["To"], mail["From"]) == ("emmy@example.edu", "pulse@example.edu")
    assert "Ada" not in mail.as_string()
    link = re.fullmatch(rf"<{BASE}(/unsubscribe/[\w-]+)>", mail["List-Unsubscribe"])
    assert link
    (request,) = sent.hook.requests
    assert is_signed(made["secret"], request.headers, request.body, system_clock())
    assert json.loads(request.body)["data"]["rule"] == "failed_submits"
    assert "bot" in run(sent, "webhooks", "list")
    assert "0 sent again" in run(sent, "webhooks", "replay")
    assert json.loads(run(sent, "webhooks", "dead-letters", "--json")) == []

    stopped = httpx.post(sent.sender.server.url + link[1], data={"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200
    choice = sent.sender.http.get("/v1/accounts/emmy/notifications").json()
    assert (choice["pace"], choice["address"]) == ("off", "emmy@example.edu")
    assert "removed" in run(sent, "webhooks", "remove", made["webhook_id"])


REPORTED = "reports-301"


def teach_reports(sender: Platform) -> None:
    """A course with a teacher, a student who agreed and one who did not, each with an account."""
    people = [
        {
            "external_id": f"reports-{name}",
            "name": f"Nomen {name}",
            "role": role,
            "email": f"{name}@example.edu",
        }
        for name, role in (("writer", "instructor"), ("yes", "student"), ("no", "student"))
    ]
    sender.http.put("/v1/roster/people", json=people).raise_for_status()
    course = {"course_id": REPORTED, "title": "Reports <301>", "instructors": ["reports-writer"]}
    sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    rows = [{"course_id": REPORTED, "external_id": f"reports-{name}"} for name in ("yes", "no")]
    sender.http.put("/v1/roster/enrolments", json=rows).raise_for_status()
    for person in people:
        name = person["external_id"].removeprefix("reports-")
        role = "instructor" if name == "writer" else "student"
        account = {
            "login_name": name,
            "role": role,
            "person": person["external_id"],
            "reason": "Reads reports in these tests.",
        }
        sender.http.post("/v1/accounts", json=account).raise_for_status()
    sender.agree("reports-yes")
    sender.send(*study("reports-yes", 1, REPORTED))
    sender.settle()


def send_now(sent: Sent, report_id: str, name: str, before: int) -> EmailMessage:
    sent.sender.http.post(f"/v1/reports/{report_id}/send").raise_for_status()
    wait_until(lambda: len(mails_to(sent, name)) > before, 40)
    return mails_to(sent, name)[before]


def body(mail: EmailMessage, form: str = "plain") -> str:
    part = mail.get_body((form,))
    assert part is not None
    return str(part.get_content())


def test_a_page_is_sent_as_its_reader_may_see_it_and_not_once_the_right_is_gone(sent: Sent) -> None:
    http = sent.sender.http
    teach_reports(sent.sender)
    wish = {"page": f"/courses/{REPORTED}?days=7", "account": "writer", "weekday": 0, "hour": 7}
    made = http.post("/v1/reports", json=wish).raise_for_status().json()
    mail = send_now(sent, made["report_id"], "writer", 0)
    (file,) = mail.iter_attachments()
    assert file.get_content_type() == "application/pdf"
    pdf = ReadPdf(file.get_content())
    assert "Reports <301>" in pdf.text
    assert "Made by an administrator for writer" in pdf.text
    # Mails name no students here.
    assert "Nomen" not in pdf.text
    assert "This card names people" in pdf.text
    assert f"{BASE}/courses/{REPORTED}?days=7" in body(mail)
    tags = {(entry["tag"], entry["role"]) for entry in trail_of(sent)}
    assert {("metrics:course:export", "instructor"), ("reports:page:mail", "instructor")} <= tags

    http.put(
        "/v1/roster/teaching",
        json=[{"course_id": REPORTED, "external_id": "reports-writer", "ends_on": "2020-01-01"}],
    ).raise_for_status()
    refused = send_now(sent, made["report_id"], "writer", 1)
    assert list(refused.iter_attachments()) == []
    assert "because you may no longer see this page" in body(refused)
    (listed,) = http.get("/v1/reports", params={"account": "writer"}).json()
    assert (listed["paused"], listed["trouble"]) == (True, "refused")

    link = re.fullmatch(rf"<{BASE}(/reports/stop/[\w-]+)>", refused["List-Unsubscribe"])
    assert link
    assert httpx.post(sent.sender.server.url + link[1]).status_code == 200
    assert http.delete(f"/v1/reports/{made['report_id']}").status_code == 200
    assert http.get("/v1/reports", params={"account": "writer"}).json() == []


def trail_of(sent: Sent) -> list[dict[str, Any]]:
    found = sent.sender.http.get("/v1/audit", params={"limit": 500}).raise_for_status().json()
    return list(found["entries"])


def letter_of(sent: Sent, name: str) -> str:
    http = sent.sender.http
    assert http.get(f"/v1/accounts/{name}/weekly-letter").json() == {"wanted": False}
    http.put(f"/v1/accounts/{name}/weekly-letter", json={"wanted": True}).raise_for_status()
    (letter,) = http.get("/v1/reports", params={"account": name}).json()
    assert letter["kind"] == "letter"
    return str(letter["report_id"])


def test_a_letter_has_three_numbers_and_one_thing_to_do_and_none_comes_without_consent(sent: Sent) -> None:
    if not sent.sender.http.get("/v1/metrics/course_students", params={"course": REPORTED}).json()["rows"]:
        teach_reports(sent.sender)
    sent.sender.http.post(f"/v1/reports/{letter_of(sent, 'no')}/send").raise_for_status()
    mail = send_now(sent, letter_of(sent, "yes"), "yes", 0)
    assert mail["Subject"] == "Your week at coursepulse"
    text = body(mail)
    numbers = re.findall(r"^- (.+?): ", text, re.MULTILINE)
    assert numbers == ["Learning time", "Lessons completed", "Learning streak"]
    assert "Lessons completed: 1" in text
    assert text.count("One thing to do this week") == 1
    assert body(mail, "html").count("<strong") == 3
    # Planned before that of the other student, and never sent.
    assert mails_to(sent, "no") == []
    row = {"course_id": REPORTED, "external_id": "reports-writer"}
    sent.sender.http.put("/v1/roster/teaching", json=[row]).raise_for_status()
    letter = send_now(sent, letter_of(sent, "writer"), "writer", len(mails_to(sent, "writer")))
    assert "- Active learners, counted in each course: 1" in body(letter)
    assert "Nomen" not in body(letter)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"public_url": ""}, "COURSEPULSE_SMTP also needs COURSEPULSE_PUBLIC_URL"),
        ({"mail_from": ""}, "COURSEPULSE_MAIL_FROM must look like"),
        ({"mail_from": "nobody"}, "COURSEPULSE_MAIL_FROM must look like"),
        ({"smtp": "mail.example.edu"}, "COURSEPULSE_SMTP must look like"),
    ],
)
def test_settings_that_do_not_fit_are_named(tmp_path: Path, chosen: dict[str, str], said: str) -> None:
    whole = {"smtp": "smtps://mail", "mail_from": "pulse@example.edu", "public_url": BASE} | chosen
    with pytest.raises(SettingError, match=said):
        read_mail_settings(Settings(data=tmp_path, **whole))  # type: ignore[arg-type]


def test_the_doctor_tries_the_mail_server(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(
        data=tmp_path,
        smtp=f"smtp://127.0.0.1:{port}",
        mail_from="pulse@example.edu",
        public_url=BASE,
        webhook_networks="10.20.0.0/16",
    )
    with pytest.raises(MailServerDown, match="Connection refused"):
        check_mail(settings)
    with mail_server(Mailbox(), port):
        assert check_mail(settings) == f"127.0.0.1:{port} lets us in"
    assert check_mail(Settings(data=tmp_path)) == "no mails are sent"
    assert check_webhooks(settings) == "may reach 10.20.0.0/16"
    assert check_webhooks(Settings(data=tmp_path)) == "reach public addresses only"
