"""Goals as students set them: on a running server, and seen by nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from tests.support.browsing import sign_in, token_of
from tests.support.pages import pseudonym_of, study
from tests.support.server import Platform

COURSE, ANN, TOM, ROOT = "goal-101", "goal-ann", "goal-tom", "goal-root"
PASSWORD = "a password of the tests"
SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


class Study:
    """A student with a course, the teacher and an administrator, each at a browser."""

    def __init__(self, sender: Platform, people: dict[str, httpx.Client]) -> None:
        self.sender, self.people = sender, people

    def change(self, **fields: str) -> str:
        """What the page says after a form was sent."""
        http = self.people[ANN]
        answer = http.post("/goals", data={"form_token": token_of(http.get("/goals").text)} | fields)
        assert answer.status_code == 303, answer.text
        return http.get(answer.headers["location"]).text

    def card(self, who: str = ANN) -> httpx.Response:
        student = pseudonym_of(self.sender, ANN)
        return self.people[who].get("/cards/student_goals.json", params={"student": student})

    def goals(self) -> list[dict[str, Any]]:
        return list(self.card().raise_for_status().json()["rows"])


@pytest.fixture(scope="module")
def learning(running_server: Platform) -> Iterator[Study]:
    http = running_server.http
    names = [{"external_id": who, "name": f"Real {who}"} for who in (ANN, TOM)]
    lessons = [{"lesson_id": lesson, "title": lesson} for lesson in ("l1", "l2", "l3")]
    course = {"course_id": COURSE, "title": "Aims", "instructors": [TOM], "lessons": lessons}
    http.put("/v1/roster/people", json=names).raise_for_status()
    http.put("/v1/roster/courses", json=[course]).raise_for_status()
    running_server.agree(ANN)
    running_server.send(*study(ANN, 0, COURSE))
    running_server.settle()
    with ExitStack() as stack:
        people = {}
        for name, role in {ANN: "student", TOM: "instructor", ROOT: "admin"}.items():
            account = {"login_name": name, "role": role, "password": PASSWORD}
            account |= {} if role == "admin" else {"person": name, "reason": "A person of these tests."}
            http.post("/v1/accounts", json=account).raise_for_status()
            people[name] = stack.enter_context(closing(sign_in(running_server.server.url, name, PASSWORD)))
        yield Study(running_server, people)


def assert_explained(http: httpx.Client) -> None:
    """Each number of the first page that says so leads to what it is made of, and none leads to an error."""
    found = {unescape(each) for each in re.findall(r'href="(/evidence/[^"]*)"', http.get("/?days=7").text)}
    assert any(each.startswith("/evidence/student_goals") for each in found)
    assert any(each.startswith("/evidence/student_daily") for each in found)
    assert {each: http.get(each).status_code for each in found} == dict.fromkeys(found, 200)


def test_without_a_goal_the_card_says_what_one_is_and_leads_to_the_form(learning: Study) -> None:
    home = learning.people[ANN].get("/").text
    assert "You have not set a goal." in home
    assert 'href="/goals">Set or change goals' in home
    assert learning.goals() == []


def test_a_student_sets_changes_and_removes_goals(learning: Study) -> None:
    assert "The goal is set." in learning.change(kind="weekly_minutes", minutes="45")
    assert "The goal is set." in learning.change(kind="weekly_minutes", minutes="90")
    learning.change(kind="finish_course", course=COURSE, finish_on=SOON)
    weekly, course = learning.goals()
    assert (weekly["goal"], weekly["minutes"]) == ("Learn 1\u00a0h 30\u00a0min a week", 90)
    assert (course["title"], course["finish_on"], course["goal_state"]) == ("Aims", SOON, "too_early")
    assert course["lessons_left"] > 0
    assert_explained(learning.people[ANN])
    page = learning.change(drop=f"finish_course:{COURSE}")
    assert "The goal is removed." in page
    for gone in (f"finish_course:{COURSE}", "finish_course:elsewhere", "no kind"):
        page = learning.change(drop=gone)
        assert "There was no such goal any more." in page
        assert "The goal is removed." not in page
    assert [row["kind"] for row in learning.goals()] == ["weekly_minutes"]


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({"kind": "weekly_minutes", "minutes": "0"}, "Choose a number of minutes"),
        ({"kind": "weekly_minutes", "minutes": "5041"}, "Choose a number of minutes"),
        ({"kind": "weekly_minutes", "minutes": "many"}, "Choose a number of minutes"),
        ({"kind": "finish_course", "course": "elsewhere", "finish_on": SOON}, "Choose one of your courses"),
        (
            {"kind": "finish_course", "course": COURSE, "finish_on": "2020-01-01"},
            "Choose a day from today on",
        ),
        ({"kind": "finish_course", "course": COURSE, "finish_on": ""}, "Choose a day from today on"),
    ],
)
def test_what_is_no_goal_is_not_taken(learning: Study, fields: dict[str, str], trouble: str) -> None:
    before = learning.goals()
    assert trouble in learning.change(**fields)
    assert learning.goals() == before


def test_nobody_else_is_shown_a_goal(learning: Study) -> None:
    student = pseudonym_of(learning.sender, ANN)
    for who in (TOM, ROOT):
        assert learning.card(who).status_code == 403
        assert learning.people[who].get("/goals").status_code == 403
    by_key = learning.sender.http.get("/v1/metrics/student_goals", params={"student": student})
    assert by_key.json()["code"] == "forbidden"
    page = learning.people[TOM].get(f"/courses/{COURSE}/students/{student}").raise_for_status().text
    assert "student_courses" in page
    assert "student_goals" not in page


def test_a_platform_sends_goals_of_those_who_agree(learning: Study) -> None:
    rows = [
        {"external_id": ANN, "kind": "weekly_minutes", "minutes": 30},
        {"external_id": "goal-nobody", "kind": "weekly_minutes", "minutes": 30},
        {"external_id": ANN, "kind": "finish_course", "course_id": "elsewhere", "finish_on": SOON},
        {"external_id": ANN, "kind": "weekly_minutes", "course_id": COURSE, "minutes": 30},
    ]
    answer = learning.sender.http.put("/v1/goals", json=rows).raise_for_status().json()
    assert answer["accepted"] == 1
    assert [each["reason"] for each in answer["rejected"]] == [
        "no_consent",
        "unknown_course",
        "invalid_value",
    ]
    assert [row["minutes"] for row in learning.goals()] == [30]
    gone = [{"external_id": ANN, "kind": "weekly_minutes", "status": "withdrawn"}]
    assert learning.sender.http.put("/v1/goals", json=gone).json()["accepted"] == 1
    assert learning.goals() == []


def test_goals_go_with_the_consent_to_analytics(learning: Study) -> None:
    learning.change(kind="weekly_minutes", minutes="60")
    assert len(learning.goals()) == 1
    http = learning.people[ANN]
    for granted in ("no", "yes"):
        fields = {"student": "", "purpose": "analytics", "granted": granted}
        token = {"form_token": token_of(http.get("/privacy").text)}
        assert http.post("/privacy/consents", data=token | fields).status_code == 303
        if granted == "no":
            assert learning.goals() == []
            assert "Nothing is shown here without consent" in http.get("/goals").text
    assert learning.goals() == []
