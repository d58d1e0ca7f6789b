"""Two web servers and a worker as one product: what is done at one server holds at the other, also right now."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import msgspec
import pytest
import zstandard

from coursepulse.bench.gateway import Gateway
from coursepulse.kit.clock import MINUTE, system_clock
from coursepulse.log.positions import partition_of
from coursepulse.log.records import MARK
from coursepulse.privacy.pseudonyms import Pseudonyms
from tests.log.test_formats import OLDER
from tests.support.browsing import post_form, sign_in, token_of
from tests.support.live import open_page
from tests.support.postgres import Server
from tests.support.server import Platform, wait_until
from tests.support.several import PARTITIONS, SharedInstallation

pytestmark = pytest.mark.slow

PASSWORD = "a password of servers apart"
COURSE, TEACHER, ADMIN = "apart-101", "apart-tina", "apart-root"
ANN, BEN, CY = "apart-ann", "apart-ben", "apart-cy"


class Apart(NamedTuple):
    """The server at which things are done, the one that is asked, browsers of one teacher at both, and the worker.

    :param log: the address of the log
    """

    here: Platform
    there: Platform
    browser_here: httpx.Client
    browser_there: httpx.Client
    worker: Platform
    log: str

    def settle(self) -> None:
        wait_until(lambda: self.here.http.get("/v1/health").json()["pipeline"]["lag"] == 0)

    def right_now(self) -> list[dict[str, Any]]:
        """Who is in the course, at the other server."""
        rows: list[dict[str, Any]] = self.asked("/v1/metrics/course_now", course=COURSE)["rows"]
        return rows

    def asked(self, path: str, **params: str) -> Any:
        return self.browser_there.get(path, params=params).raise_for_status().json()

    def alerts(self, **params: str) -> list[dict[str, Any]]:
        """The alerts of the course, at the other server."""
        rows: list[dict[str, Any]] = self.asked("/v1/alerts", course=COURSE, **params)["alerts"]
        return rows

    def post(self, path: str, body: Any, method: str = "POST") -> httpx.Response:
        return post(self.browser_here, path, body, method)

    def pseudonym(self, student: str) -> bytes:
        return Pseudonyms((self.here.data / "pseudonym.key").read_bytes()).of(student)

    def set_threshold(self, submits: int | None) -> None:
        body = {"course": COURSE, "rule": "failed_submits", "values": {"submits": submits}}
        self.post("/v1/alert-thresholds", body, "PUT")


def post(browser: httpx.Client, path: str, body: Any, method: str = "POST") -> httpx.Response:
    # As a page of this server would.
    said = browser.request(method, path, json=body, headers={"Sec-Fetch-Site": "same-origin"})
    return said.raise_for_status()


def happening(student: str, kind: str, seconds_ago: float, **more: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    made = {"event_id": str(uuid4()), "event_type": kind, "timestamp": at.isoformat(), "student_id": student}
    return (
        made | {"session_id": f"visit of {student}", "context": {"course_id": COURSE}, "payload": {}} | more
    )


def failed(student: str, seconds_ago: float, quiz: str) -> dict[str, Any]:
    context = {"course_id": COURSE, "assessment_id": quiz}
    return happening(student, "quiz_submit", seconds_ago, context=context, payload={"score": 10})


def teach(platform: Platform, **days: str) -> None:
    row = {"course_id": COURSE, "external_id": TEACHER} | days
    platform.http.put("/v1/roster/teaching", json=[row]).raise_for_status()


def fill(platform: Platform) -> None:
    quizzes = [
        {"assessment_id": f"apart-{n}", "title": f"Quiz {n}", "kind": "quiz", "pass_mark": 50}
        for n in range(3)
    ]
    course = {"course_id": COURSE, "title": "Before", "assessments": quizzes}
    people = [{"external_id": each, "name": each.title()} for each in (TEACHER, ANN, BEN, CY)]
    enrolments = [{"course_id": COURSE, "external_id": each, "status": "active"} for each in (ANN, BEN, CY)]
    for part, rows in {"people": people, "courses": [course], "enrolments": enrolments}.items():
        platform.http.put(f"/v1/roster/{part}", json=rows).raise_for_status()
    teach(platform)
    teacher = {"login_name": TEACHER, "role": "instructor", "person": TEACHER, "reason": "Teaches here."}
    for account in (teacher, {"login_name": ADMIN, "role": "admin"}):
        platform.http.post("/v1/accounts", json=account | {"password": PASSWORD}).raise_for_status()


@pytest.fixture(scope="module")
def apart(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: Server, gateway: Gateway
) -> Iterator[Apart]:
    with ExitStack() as stack:
        dsn = stack.enter_context(postgres_server.database())
        several = SharedInstallation(tmp_path_factory.mktemp("apart"), dsn, gateway.url())
        stack.callback(several.end)
        here = several.join("here", "collect,web")
        # One after the other: on a busy machine three starts at once take longer than a start may.
        there, worker = several.join("there", "web"), several.join("worker", "work")
        fill(here)
        here.agree(ANN, BEN, CY)
        browsers = [
            stack.enter_context(closing(sign_in(each.server.url, TEACHER, PASSWORD)))
            for each in (here, there)
        ]
        made = Apart(here, there, browsers[0], browsers[1], worker, several.log)
        here.send(*(happening(each, "course_enroll", 120) for each in (ANN, BEN, CY)))
        made.settle()
        yield made


@pytest.mark.long
def test_right_now_is_shown_by_a_server_that_reads_no_events(apart: Apart) -> None:
    apart.here.send(
        happening(CY, "lesson_start", 1, context={"course_id": COURSE, "lesson_id": "apart-lesson"})
    )
    apart.settle()
    # The first question of all: nothing was told beforehand.
    assert "apart-lesson" in {row["item_id"] for row in apart.right_now()}
    (pulse,) = apart.there.metric("pulse")
    assert pulse["active_sessions"] >= 1


def test_a_right_that_is_taken_back_at_one_server_is_refused_by_the_other_at_once(apart: Apart) -> None:
    assert apart.browser_there.get(f"/courses/{COURSE}").status_code == 200
    teach(apart.here, ends_on=f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}")
    try:
        assert apart.browser_there.get(f"/courses/{COURSE}").status_code == 403
    finally:
        teach(apart.here)
    assert apart.browser_there.get(f"/courses/{COURSE}").status_code == 200


def test_a_title_that_one_server_was_told_is_shown_by_the_other(apart: Apart) -> None:
    course = {"course_id": COURSE, "title": "After"}
    apart.here.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    assert "After" in apart.browser_there.get(f"/courses/{COURSE}").text


def test_who_signs_out_at_one_server_is_signed_out_at_the_other(apart: Apart) -> None:
    with closing(sign_in(apart.here.server.url, TEACHER, PASSWORD)) as browser:
        copy = httpx.Client(base_url=apart.there.server.url, cookies=dict(browser.cookies))
        with copy:
            assert copy.get("/definitions").status_code == 200
            browser.post("/sign-out", data={"form_token": token_of(browser.get("/definitions").text)})
            assert copy.get("/definitions").status_code == 401


def test_an_alert_is_shown_everywhere_and_acknowledged_for_everybody(apart: Apart) -> None:
    apart.here.send(*(failed(ANN, 60 - n, "apart-0") for n in range(3)))
    wait_until(lambda: bool(apart.alerts()))
    (alert,) = apart.alerts()
    apart.post("/v1/alerts/acknowledge", {"ids": [alert["id"]]})
    assert apart.alerts() == []
    (known,) = apart.alerts(state="acknowledged")
    assert known["id"] == alert["id"]


def test_what_is_snoozed_at_one_server_is_out_of_the_way_at_the_other_until_it_is_taken_back(
    apart: Apart,
) -> None:
    apart.here.send(*(failed(BEN, 60 - n, "apart-1") for n in range(3)))
    wait_until(lambda: bool(apart.alerts()))
    (alert,) = apart.alerts()
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    apart.post("/v1/alerts/snooze", {"ids": [alert["id"]], "until": until})
    assert apart.alerts() == []
    assert [each["id"] for each in apart.alerts(state="snoozed")] == [alert["id"]]
    apart.post("/v1/alerts/snooze", {"ids": [alert["id"]], "until": None})
    assert [each["id"] for each in apart.alerts()] == [alert["id"]]
    apart.post("/v1/alerts/acknowledge", {"ids": [alert["id"]]})


def test_the_worker_goes_by_thresholds_that_were_changed_at_a_server(apart: Apart) -> None:
    """For what has happened already: no event comes after the change."""
    apart.here.send(*(failed(CY, 60 - n, "apart-2") for n in range(2)))
    apart.settle()
    assert apart.alerts() == []
    apart.set_threshold(2)
    wait_until(lambda: [each["item"] for each in apart.alerts()] == ["apart-2"], 20)
    apart.set_threshold(None)
    wait_until(lambda: apart.alerts() == [], 20)


def partition_file(apart: Apart, student: str) -> closing[sqlite3.Connection]:
    """The file of the log in which the student's events are."""
    path = Path(apart.log.removeprefix("sqlite://").partition("?")[0])
    number = partition_of(apart.pseudonym(student), PARTITIONS)
    return closing(sqlite3.connect(path.with_name(f"{path.stem}-{number}{path.suffix}"), timeout=20))


def put_block(apart: Apart, student: str, body: bytes) -> None:
    """Add a block of three events as a collector of another version does."""
    with partition_file(apart, student) as db, db:
        db.execute(
            "INSERT INTO blocks (position, appended_at, events, total, body) "
            "SELECT position + 1, ?, 3, total + 3, ? FROM newest",
            (system_clock(), body),
        )


def recorded_block(apart: Apart, student: str) -> bytes:
    """Three failed submits as an older version wrote them, as if the student had made them a minute ago."""
    events = msgspec.msgpack.decode(zstandard.decompress(OLDER.read_bytes()))
    for place, fields in enumerate(events):
        fields[0] = uuid4().bytes
        fields[2] = fields[14] = system_clock() - MINUTE + place
        fields[3] = apart.pseudonym(student)
    return zstandard.compress(msgspec.msgpack.encode(events))


def see_alert_and_acknowledge(apart: Apart) -> None:
    wait_until(lambda: [each["item"] for each in apart.alerts()] == ["apart-old"], 30)
    apart.post("/v1/alerts/acknowledge", {"ids": [each["id"] for each in apart.alerts()]})


def test_an_older_collector_works_beside_a_newer_worker(apart: Apart) -> None:
    put_block(apart, ANN, recorded_block(apart, ANN))
    see_alert_and_acknowledge(apart)


def test_what_a_newer_collector_has_written_waits_for_a_newer_worker(apart: Apart) -> None:
    put_block(apart, CY, MARK + b"\x02 of a later version")

    def trouble() -> str:
        return str(apart.worker.http.get("/v1/health").json()["pipeline"]["trouble"])

    wait_until(lambda: "in format 2, and this version reads format 1" in trouble(), 30)
    # The newer worker is played here: nothing but the form has changed.
    with partition_file(apart, CY) as db, db:
        db.execute(
            "UPDATE blocks SET body = ? WHERE position = (SELECT position FROM newest)",
            (recorded_block(apart, CY),),
        )
    see_alert_and_acknowledge(apart)
    assert trouble() == "None"


def test_limits_of_risk_that_were_set_at_one_server_hold_at_the_other(apart: Apart) -> None:
    page = f"/courses/{COURSE}/risk-thresholds"
    limits = {"struggling": "31", "low_score": "45", "high_score": "85"}
    post_form(apart.browser_here, page, do="set", **limits).raise_for_status()
    wait_until(lambda: 'value="31"' in apart.browser_there.get(page).text, 20)


def test_alerts_about_the_platform_that_the_worker_raises_are_handled_at_any_server(apart: Apart) -> None:
    with (
        closing(sign_in(apart.here.server.url, ADMIN, PASSWORD)) as here,
        closing(sign_in(apart.there.server.url, ADMIN, PASSWORD)) as there,
    ):

        def alerts(state: str) -> list[str]:
            params = {"rule": "dead_letters", "state": state}
            found = there.get("/v1/alerts", params=params).raise_for_status().json()["alerts"]
            return [each["id"] for each in found]

        change = {"rule": "dead_letters", "values": {"refused": 1}}
        post(here, "/v1/alert-thresholds", change, "PUT")
        apart.here.send(happening(ANN, "quiz_submit", 1, payload={"score": "very good"}))
        wait_until(lambda: len(alerts("new")) == 1, 30)
        ids = alerts("new")
        post(here, "/v1/alerts/acknowledge", {"ids": ids})
        assert (alerts("new"), alerts("acknowledged")) == ([], ids)


def test_an_open_page_is_told_when_what_goes_on_has_changed(apart: Apart) -> None:
    before = {row["item_id"] for row in apart.right_now()}
    with open_page(apart.browser_there, f"course:{COURSE}") as page:
        page.next()
        context = {"course_id": COURSE, "lesson_id": "apart-other-lesson"}
        apart.here.send(happening(ANN, "lesson_start", 0, context=context))

        def shown() -> bool:
            assert f"course:{COURSE}" in page.news().news["changed"]
            return "apart-other-lesson" in {row["item_id"] for row in apart.right_now()}

        wait_until(shown, 20)
    assert "apart-other-lesson" not in before


def test_a_consent_that_is_withdrawn_at_one_server_is_in_force_at_the_other(apart: Apart) -> None:
    assert CY in str(apart.right_now()).lower()
    row = {"external_id": CY, "purpose": "analytics", "granted": False, "text_version": "1"}
    row["at"] = datetime.now(UTC).isoformat()
    apart.here.http.put("/v1/consents", json=[row]).raise_for_status()
    wait_until(lambda: CY not in str(apart.right_now()).lower(), 10)
    receipt = apart.here.send(happening(CY, "lesson_start", 0))
    assert receipt["accepted"] == 0 or "consent" in str(receipt)
