"""The page of one learner of a course, as those who teach it see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from tests.support.browsing import sign_in, token_of
from tests.support.pages import COURSE, LEARNER, PASSWORD, STUDENTS, Pages, pseudonym_of, study

SILENT = "learner-page-silent"


@pytest.fixture(scope="module")
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        yield http


@pytest.fixture(scope="module")
def silent(pages: Pages) -> str:
    """Somebody on the roster of the course who did not agree to analytics: only results are kept."""
    http = pages.sender.http
    person = {"external_id": SILENT, "name": "Sil Ent", "email": "sil@example.edu"}
    http.put("/v1/roster/people", json=[person]).raise_for_status()
    row = {"external_id": SILENT, "course_id": COURSE, "status": "active"}
    http.put("/v1/roster/enrolments", json=[row]).raise_for_status()
    pages.sender.send(*(event for event in study(SILENT, 0) if event["event_type"] == "quiz_submit"))
    pages.sender.settle()
    return pseudonym_of(pages.sender, SILENT)


def card(http: httpx.Client, slug: str, student: str, **asked: str) -> list[dict[str, Any]]:
    query = {"course": COURSE, "student": student} | asked
    rows: list[dict[str, Any]] = (
        http.get(f"/cards/{slug}.json", params=query).raise_for_status().json()["rows"]
    )
    return rows


def page_of(http: httpx.Client, student: str) -> str:
    return unescape(http.get(f"/courses/{COURSE}/students/{student}").raise_for_status().text)


def test_where_a_learner_stands_and_why(pages: Pages, teacher: httpx.Client) -> None:
    student = pages.pseudonym(20)
    (row,) = card(teacher, "learner_standing", student)
    (risk,) = pages.sender.metric("student_risk", student=STUDENTS[20], course=COURSE)
    assert (row["bucket"], row["risk_score"]) == (risk["bucket"], risk["risk_score"])
    assert len(row["reasons"]) == len(risk["reasons"]) > 0
    html = page_of(teacher, student)
    assert all(f"<li>{reason}</li>" in html for reason in row["reasons"])


def test_what_is_due_next_is_the_nearest_that_was_not_handed_in(pages: Pages, teacher: httpx.Client) -> None:
    def due(**days: int) -> None:
        works = [
            {"assessment_id": name, "title": f"Work {name}", "due_at": when(number)}
            for name, number in days.items()
        ]
        course = {
            "course_id": "due-101",
            "title": "Due",
            "instructors": ["pages-teacher"],
            "assessments": works,
        }
        pages.sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()

    def when(days: int) -> str:
        return (datetime.now(UTC) + timedelta(days=days)).isoformat()

    due(past=-3, later=9, sooner=2, q1=1)
    student = "learner-page-due"
    pages.sender.agree(student)
    pages.sender.send(*study(student, 0, "due-101"))
    pages.sender.settle()
    query = {"course": "due-101", "student": pseudonym_of(pages.sender, student)}
    (row,) = teacher.get("/cards/learner_standing.json", params=query).raise_for_status().json()["rows"]
    assert row["next_title"] == "Work sooner"


def test_what_happened_when_with_messages(pages: Pages, teacher: httpx.Client) -> None:
    student = pages.pseudonym(21)
    rows = card(teacher, "learner_timeline", student)
    # Other tests have this student do more.
    known = [row["kind"] for row in rows]
    assert {"quiz", "visit"} <= set(known)
    assert known[-1] == "course_enroll"
    assert "Handed in “First quiz”: 37\u00a0%." in [row["happened"] for row in rows]
    form = {"form_token": token_of(teacher.get("/").text), "student": [f"{student} {COURSE}"]}
    named = {"external_id": STUDENTS[21], "name": "Nan Ed", "email": "nan@example.edu"}
    pages.sender.http.put("/v1/roster/people", json=[named]).raise_for_status()
    row = {"external_id": STUDENTS[21], "course_id": COURSE, "status": "active"}
    pages.sender.http.put("/v1/roster/enrolments", json=[row]).raise_for_status()
    assert teacher.post("/messages", data=form).status_code == 200
    rows = card(teacher, "learner_timeline", student)
    assert [row["kind"] for row in rows] == ["message", *known]
    assert "You drafted a message." in page_of(teacher, student)
    # What one teacher wrote is not told to another reader.
    seen = pages.admin.get("/cards/learner_timeline.json", params={"course": COURSE, "student": student})
    assert "message" not in seen.text or seen.status_code == 403


def test_without_analytics_one_sentence_says_so_and_results_stay(
    pages: Pages, teacher: httpx.Client, silent: str
) -> None:
    html = page_of(teacher, silent)
    assert "Not shown without consent to learning analytics" in html
    assert "<h1>Sil Ent</h1>" in html
    assert ">Pages & <tests></a></li>" in html
    cards = set(re.findall(r'id="card-(\w+)"', html))
    assert {"learner_standing", "student_assessments"} <= cards
    assert not {"student_headline", "student_activity", "learner_timeline"} & cards
    (row,) = card(teacher, "learner_standing", silent)
    assert (row["bucket"], row["reasons"], row["last_activity_at"]) == (None, [], None)


def test_who_did_not_agree_is_listed_apart(pages: Pages, teacher: httpx.Client, silent: str) -> None:
    listed = {
        row["name"]: row
        for row in teacher.get(f"/cards/course_not_agreed.json?course={COURSE}").json()["rows"]
    }
    assert listed["Sil Ent"]["score_pct"] == 100
    learners = teacher.get(f"/cards/course_students.json?course={COURSE}").json()["rows"]
    assert silent not in {row["student_id"] for row in learners}
    assert f'href="/courses/{COURSE}/students/{silent}"' in teacher.get(pages.course).text


def test_no_student_is_told_how_others_judge_the_risk(pages: Pages) -> None:
    own = pseudonym_of(pages.sender, LEARNER)
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        for slug in ("learner_standing", "learner_timeline"):
            for form in ("", ".json", ".csv"):
                query = {"course": COURSE, "student": own}
                assert http.get(f"/cards/{slug}{form}", params=query).status_code == 403
        assert "risk point" not in page_of(http, own)
