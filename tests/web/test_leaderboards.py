"""Leaderboards as students and teachers use them: on a running server, in the order of a term."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support.browsing import post_form, sign_in, token_of
from tests.support.pages import pseudonym_of, study
from tests.support.server import Platform, wait_until

COURSE = "board-101"
PASSWORD = "a password of the tests"
ANN, BEN, CAL, DEE = STUDENTS = ("board-ann", "board-ben", "board-cal", "board-dee")
TEACHER, ADMIN = "board-tom", "board-root"
NAMES = {ANN: "Comet", BEN: "Badger", CAL: "Zoë ★ 7"}
CARD = "/cards/course_leaderboard"


class Class:
    """A course with four students, each at a browser of their own, their teacher and an administrator."""

    def __init__(self, sender: Platform, people: dict[str, httpx.Client]) -> None:
        self.sender, self.people = sender, people

    def join(self, who: str, name: str) -> httpx.Response:
        """The form of the privacy centre; the page to which it leads."""
        answer = post_to(self.people[who], "/privacy", "/privacy/leaderboards", student="", name=name)
        assert answer.status_code == 303, answer.text
        return self.people[who].get(answer.headers["location"])

    def leave(self, who: str) -> None:
        fields = {"student": "", "purpose": "leaderboards", "granted": "no"}
        assert post_to(self.people[who], "/privacy", "/privacy/consents", **fields).status_code == 303

    def board(self, who: str) -> list[dict[str, Any]]:
        answer = self.people[who].get(f"{CARD}.json", params={"course": COURSE}).raise_for_status()
        return list(answer.json()["rows"])

    def names(self, who: str = TEACHER) -> set[str]:
        return {row["name"] for row in self.board(who)}

    def card(self, who: str) -> str:
        """The card on the page that is theirs."""
        page = f"/courses/{COURSE}"
        page += f"/students/{pseudonym_of(self.sender, who)}" if who in STUDENTS else ""
        html = self.people[who].get(page).raise_for_status().text
        return html.partition('id="card-course_leaderboard"')[2].partition("</section>")[0]


def post_to(http: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
    return http.post(action, data={"form_token": token_of(http.get(page).text)} | fields)


@pytest.fixture(scope="module")
def term(running_server: Platform) -> Iterator[Class]:
    http = running_server.http
    names = [{"external_id": who, "name": f"Real {who}"} for who in (*STUDENTS, TEACHER)]
    lessons = [{"lesson_id": lesson, "title": lesson} for lesson in ("l1", "l2")]
    course = {"course_id": COURSE, "title": "Boards", "instructors": [TEACHER], "lessons": lessons}
    http.put("/v1/roster/people", json=names).raise_for_status()
    http.put("/v1/roster/courses", json=[course]).raise_for_status()
    running_server.agree(*STUDENTS)
    running_server.send(
        *(event for number, who in enumerate(STUDENTS) for event in study(who, number, COURSE))
    )
    running_server.settle()
    roles = dict.fromkeys(STUDENTS, "student") | {TEACHER: "instructor", ADMIN: "admin"}
    with ExitStack() as stack:
        people = {}
        for name, role in roles.items():
            account = {"login_name": name, "role": role, "password": PASSWORD}
            account |= {} if role == "admin" else {"person": name, "reason": "A person of these tests."}
            http.post("/v1/accounts", json=account).raise_for_status()
            url = running_server.server.url
            people[name] = stack.enter_context(closing(sign_in(url, name, PASSWORD)))
        made = Class(running_server, people)
        for who, name in NAMES.items():
            made.join(who, name)
        yield made


def test_students_who_joined_see_each_other_by_the_names_they_chose(term: Class) -> None:
    rows = term.board(ANN)
    assert [(row["rank"], row["name"], row["own"]) for row in rows] == [
        (1, "Comet", True),
        (2, "Badger", False),
        (3, "Zoë ★ 7", False),
    ]
    assert [row["points"] for row in rows] == [
        10 + 20 + 20 + 2 + 5,
        10 + 20 + 19 + 2 + 5,
        10 + 20 + 18 + 2 + 5,
    ]
    card = term.card(ANN)
    assert "Comet, you are number 1 of 3 who have joined, with 57 points." in card
    assert "Ranks are among those who have joined." in card
    assert "Real" not in card
    assert not any(who in card for who in STUDENTS)


def test_who_has_not_joined_reads_how_to_and_no_row(term: Class) -> None:
    card = term.card(DEE)
    assert "Students who have joined the leaderboard see it." in card
    assert 'href="/privacy#purpose-leaderboards"' in card
    assert not any(name in card for name in NAMES.values())
    assert term.board(DEE) == []
    answer = term.people[DEE].get(f"{CARD}.json", params={"course": COURSE}).json()
    assert answer["lacks_consent"] == "leaderboards"


def test_the_teacher_sees_the_board_and_where_to_remove_a_name(term: Class) -> None:
    card = term.card(TEACHER)
    assert all(name in card for name in NAMES.values())
    assert f'href="/courses/{COURSE}/leaderboard"' in card
    assert "you are number" not in card


def test_an_administrator_has_the_page_of_the_course_without_it(term: Class) -> None:
    assert term.card(ADMIN) == ""
    assert term.people[ADMIN].get(f"{CARD}.json", params={"course": COURSE}).status_code == 403


def test_a_file_is_for_the_teacher_and_for_keys(term: Class) -> None:
    address = f"{CARD}.csv?course={COURSE}"
    assert "Comet" in term.people[TEACHER].get(address).raise_for_status().text
    assert term.people[ANN].get(address).status_code == 403
    assert ".csv" not in term.card(ANN)
    rows = term.sender.metric("course_leaderboard", course=COURSE, sort="-points", limit="1")
    assert [(row["name"], row["own"]) for row in rows] == [("Comet", False)]
    assert "student_id" not in rows[0]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("x", "A name has 2 to 30 characters."),
        ("dee@example.org", "An e-mail address cannot be a name."),
        ("two\r\nlines", "A name is one line of"),
        ("<b>", ""),
        ("comet!", "Somebody else has this name"),
    ],
)
def test_a_name_that_cannot_be_chosen_is_refused_in_a_sentence(term: Class, name: str, sentence: str) -> None:
    shown = term.join(DEE, name).text
    if sentence:
        assert sentence in shown
        assert term.board(DEE) == []
        assert "dee@example.org" not in shown
    else:
        assert "<b>" not in shown.partition('id="board-name"')[2][:200]
        assert "&lt;b&gt;" in shown
        term.leave(DEE)


def test_a_lesson_is_on_the_board_within_a_minute(term: Class) -> None:
    before = {row["name"]: row["points"] for row in term.board(ANN)}["Badger"]
    begun = time.monotonic()
    term.sender.send(
        {
            "event_id": "board-late-lesson",
            "event_type": "lesson_complete",
            "timestamp": datetime.now(UTC).isoformat(),
            "student_id": BEN,
            "session_id": "board-ben-2",
            "context": {"course_id": COURSE, "lesson_id": "l2"},
        }
    )
    # A lesson, and a day.
    wait_until(lambda: {row["name"]: row["points"] for row in term.board(ANN)}["Badger"] == before + 12)
    assert time.monotonic() - begun < 60
    assert term.board(ANN)[0]["name"] == "Badger"


def test_leaving_takes_effect_at_the_next_request_and_deletes_the_name(term: Class) -> None:
    term.join(DEE, "Dragonfly")
    assert term.names() == {*NAMES.values(), "Dragonfly"}
    term.leave(DEE)
    assert term.names() == set(NAMES.values())
    assert "Dragonfly" not in term.people[DEE].get("/privacy").text
    term.leave(CAL)
    assert term.names() == set(), "two are too few"
    term.join(CAL, NAMES[CAL])
    assert term.names() == set(NAMES.values())


def test_a_consent_that_the_platform_takes_back_ends_it_too(term: Class) -> None:
    term.join(DEE, "Dragonfly")
    row = {
        "external_id": DEE,
        "purpose": "leaderboards",
        "granted": False,
        "at": datetime.now(UTC).isoformat(),
    }
    term.sender.http.put("/v1/consents", json=[row]).raise_for_status()
    assert term.names() == set(NAMES.values())
    assert "Dragonfly" not in term.people[DEE].get("/privacy").text


def test_a_platform_passes_names_on(term: Class) -> None:
    def put(*rows: tuple[str, str]) -> dict[str, Any]:
        body = [{"external_id": who, "name": name} for who, name in rows]
        answer: dict[str, Any] = (
            term.sender.http.put("/v1/leaderboard-names", json=body).raise_for_status().json()
        )
        return answer

    asked = ((DEE, "Dragonfly"), (DEE, "dee@example.org"), (ANN, "badger"), (ANN, "Comet"))
    first = put(*asked)
    assert [(each["index"], each["reason"]) for each in first["rejected"]] == [
        *((0, "no_consent"), (1, "invalid_name"), (2, "name_taken")),
    ]
    row = {
        "external_id": DEE,
        "purpose": "leaderboards",
        "granted": True,
        "at": datetime.now(UTC).isoformat(),
    }
    term.sender.http.put("/v1/consents", json=[row]).raise_for_status()
    assert put(*asked)["accepted"] == 2
    assert term.names() == {*NAMES.values(), "Dragonfly"}
    term.leave(DEE)


def test_a_teacher_removes_a_name_and_the_student_reads_so(term: Class) -> None:
    page = f"/courses/{COURSE}/leaderboard"
    term.join(DEE, "Something Rude")
    assert "Something Rude" in term.people[TEACHER].get(page).raise_for_status().text
    for who in (DEE, ADMIN):
        assert term.people[who].get(page).status_code == 403
        assert (
            post_to(
                term.people[who], "/break-glass" if who == ADMIN else "/privacy", page, name="Comet"
            ).status_code
            == 403
        )
    answer = post_form(term.people[TEACHER], page, name="Something Rude")
    assert "The name has been removed." in term.people[TEACHER].get(answer.headers["location"]).text
    assert term.names() == set(NAMES.values())
    assert "A teacher has removed your name." in term.people[DEE].get("/privacy").text
    assert "A teacher has removed this name." in term.join(DEE, "something rude!").text
    found = term.sender.http.get("/v1/audit", params={"student": DEE}).raise_for_status().json()["entries"]
    removal = next(entry for entry in found if entry["tag"] == "leaderboard:name:remove")
    assert "Rude" not in str(removal)
    term.leave(DEE)


def test_a_name_of_another_course_cannot_be_removed(term: Class) -> None:
    page = f"/courses/{COURSE}/leaderboard"
    post_form(term.people[TEACHER], page, name="Nobody Here")
    assert term.names() == set(NAMES.values())
    assert term.people[TEACHER].get(f"/courses/{quote('pages-101')}/leaderboard").status_code == 403


def test_an_archive_holds_the_name_and_an_erasure_removes_it_and_says_so(term: Class) -> None:
    http = term.sender.http
    number = http.post("/v1/privacy/exports", json={"student": CAL}).raise_for_status().json()["request_id"]
    wait_until(lambda: http.get(f"/v1/privacy/requests/{number}").json()["state"] == "done")
    archive = zipfile.ZipFile(io.BytesIO(http.get(f"/v1/privacy/exports/{number}/archive").content))
    assert NAMES[CAL] in archive.read("leaderboard_name.csv").decode()
    term.join(DEE, "Dragonfly")
    asked = http.post("/v1/privacy/erasures", json={"student": CAL}).raise_for_status().json()["request_id"]
    wait_until(lambda: http.get(f"/v1/privacy/requests/{asked}").json()["state"] != "open")
    lines = {line["store"]: line for line in http.get(f"/v1/privacy/requests/{asked}").json()["receipt"]}
    assert lines["PostgreSQL leaderboard_names"]["rows"] == 1
    assert term.names() == {NAMES[ANN], NAMES[BEN], "Dragonfly"}
    # The name is free again.
    assert "Somebody else has this name" not in term.join(DEE, NAMES[CAL]).text
    assert term.names() == {NAMES[ANN], NAMES[BEN], NAMES[CAL]}


def test_the_page_of_one_who_has_finished_opens_without_the_board(term: Class) -> None:
    http = term.sender.http
    row = {"external_id": DEE, "course_id": COURSE, "status": "ended"}
    http.put("/v1/roster/enrolments", json=[row]).raise_for_status()
    page = f"/courses/{COURSE}/students/{pseudonym_of(term.sender, DEE)}"
    assert "course_leaderboard" not in term.people[DEE].get(page).raise_for_status().text
    assert term.people[DEE].get(f"{CARD}.json", params={"course": COURSE}).status_code == 403
