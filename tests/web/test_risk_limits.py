"""Where the risk matrix of a course is cut: tried, set, recorded, and dated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from tests.support.browsing import post_form, sign_in
from tests.support.pages import PASSWORD, TEACHER, Pages, study
from tests.support.server import wait_until

COURSE = "limits-101"
PAGE = f"/courses/{COURSE}/risk-thresholds"
#: In the order of their scores: 100, 85 and 70.
PEOPLE = tuple(f"limits-{number}" for number in (0, 5, 10))
USUAL = {"struggling": "16", "low_score": "60", "high_score": "80"}


@pytest.fixture(scope="module")
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    sender = pages.sender
    works = [{"assessment_id": "q1", "title": "Quiz", "kind": "quiz"}]
    course = {"course_id": COURSE, "title": "Limits", "instructors": [TEACHER], "assessments": works}
    sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    began = (datetime.now(UTC) - timedelta(days=20)).date().isoformat()
    rows = [
        {"external_id": who, "course_id": COURSE, "status": "active", "starts_on": began} for who in PEOPLE
    ]
    sender.http.put("/v1/roster/enrolments", json=rows).raise_for_status()
    sender.agree(*PEOPLE)
    sender.send(*(event for who in PEOPLE for event in study(who, int(who.split("-")[1]), COURSE)))
    sender.settle()
    wait_until(lambda: len(sender.metric("course_risk", course=COURSE)) == len(PEOPLE))
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        yield http


def buckets(pages: Pages, **asked: str) -> dict[str, int]:
    """How many stand where."""
    found: dict[str, int] = {}
    for row in pages.sender.metric("course_risk", course=COURSE, **asked):
        found[row["bucket"]] = found.get(row["bucket"], 0) + 1
    return found


def send(http: httpx.Client, do: str, **values: str) -> str:
    return unescape(post_form(http, PAGE, do=do, **USUAL | values).text)


def test_the_effect_is_shown_before_anything_changes(pages: Pages, teacher: httpx.Client) -> None:
    assert f'href="{PAGE}"' in teacher.get(f"/courses/{COURSE}").text
    before = buckets(pages)
    html = send(teacher, "try", struggling="10")
    assert "1 of 3 would be struggling; now it is 0." in html
    assert 'value="10"' in html
    assert buckets(pages) == before
    assert "struggling" not in before


def test_what_is_set_holds_from_now_on_and_not_before(pages: Pages, teacher: httpx.Client) -> None:
    today = datetime.now(UTC).date()
    yesterday = buckets(pages, to=today.isoformat())
    try:
        assert "The thresholds are saved." in send(teacher, "set", struggling="10", low_score="75")
        assert buckets(pages)["struggling"] == 1
        assert {row["low_score"] for row in pages.sender.metric("course_risk", course=COURSE)} == {75}
        assert buckets(pages, to=today.isoformat()) == yesterday
        old = pages.sender.metric("course_risk", course=COURSE, to=today.isoformat())
        assert {(row["low_score"], row["struggling_from"]) for row in old} == {(60, 16)}
        # The reasons of one learner follow too.
        (row,) = pages.sender.metric("student_risk", student=PEOPLE[2], course=COURSE)
        assert (row["bucket"], row["reasons"]) == ("struggling", [["low_scores", 10]])
        assert "<td" in teacher.get(PAGE).text.partition('id="history-title"')[2]
    finally:
        assert "The thresholds are saved." in send(teacher, "usual")
    assert "struggling" not in buckets(pages)
    entries: list[dict[str, Any]] = pages.sender.http.get(
        "/v1/audit", params={"tag": "risk:course:changed", "subject": COURSE}
    ).json()["entries"]
    assert [each["detail"] for each in entries] == [
        "struggling=16 low_score=60 high_score=80",
        "struggling=10 low_score=75 high_score=80",
    ]


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"struggling": "9"}, "Choose a whole number from 10 to 60."),
        ({"low_score": "60.5"}, "Choose a whole number from 20 to 90."),
        ({"high_score": ""}, "Choose a whole number from 40 to 100."),
        ({"low_score": "85"}, "Low scores must end before excelling begins."),
    ],
)
def test_numbers_out_of_bounds_are_refused(
    pages: Pages, teacher: httpx.Client, values: dict[str, str], trouble: str
) -> None:
    before = buckets(pages)
    assert trouble in send(teacher, "set", **values)
    assert buckets(pages) == before


@pytest.mark.parametrize(("role", "status"), [("student", 403), ("manager", 403), ("admin", 200)])
def test_who_may_change_them(pages: Pages, teacher: httpx.Client, role: str, status: int) -> None:
    assert teacher.get("/courses/limits-elsewhere/risk-thresholds").status_code == 403
    with closing(sign_in(pages.url, role, PASSWORD)) as http:
        assert http.get(PAGE).status_code == status


def test_programs_read_and_set_them_under_the_rights_of_the_page(pages: Pages, teacher: httpx.Client) -> None:
    own = {"Origin": pages.url}
    change = {"course": COURSE, "values": {"struggling": 30}}
    found = teacher.put("/v1/risk-thresholds", json=change, headers=own).raise_for_status().json()
    assert {each["name"]: each["value"] for each in found["thresholds"]}["struggling"] == 30
    assert found["history"][0]["values"]["struggling"] == 30
    assert found == teacher.get("/v1/risk-thresholds", params={"course": COURSE}).json()
    entries = pages.sender.http.get("/v1/audit", params={"tag": "risk:course:changed"}).json()["entries"]
    assert (entries[0]["subject"], entries[0]["detail"][:13]) == (COURSE, "struggling=30")
    back = teacher.put(
        "/v1/risk-thresholds", json={"course": COURSE, "values": {"struggling": None}}, headers=own
    )
    assert {each["name"]: each["value"] for each in back.json()["thresholds"]}["struggling"] == 16
    refused = [
        (teacher, {"course": COURSE, "values": {"struggling": 61}}, 400, "limits_out_of_bounds"),
        (teacher, {"course": COURSE, "values": {"low_score": 90}}, 400, "limits_out_of_bounds"),
        (teacher, {"course": COURSE, "values": {"mood": 1}}, 400, "invalid_request"),
        (teacher, {"course": "limits-elsewhere", "values": {}}, 403, "forbidden"),
        (pages.sender.http, {"course": COURSE, "values": {}}, 403, "forbidden"),
        (pages.admin, {"course": "made-up", "values": {}}, 404, "unknown_course"),
    ]
    for who, body, status, code in refused:
        answer = who.put("/v1/risk-thresholds", json=body, headers=own)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
