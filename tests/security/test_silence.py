"""What is not yours and what does not exist look the same from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import httpx
import pytest

from tests.support.browsing import sign_in, without_tokens
from tests.support.server import Platform

PASSWORD = "a password of the tests"
TEACHER, STUDENT, OTHER = "silent-teacher", "silent-student", "silent-other"


@pytest.fixture(scope="module")
def platform(running_server: Platform) -> Platform:
    """A course of a teacher with one student, and a course and a student of nobody who is asked here."""
    http = running_server.http
    people = [{"external_id": each, "name": f"Named {each}"} for each in (TEACHER, STUDENT, OTHER)]
    http.put("/v1/roster/people", json=people).raise_for_status()
    courses = [
        {"course_id": "silent-own", "title": "Own", "instructors": [TEACHER]},
        {"course_id": "silent-other", "title": "Somebody else's"},
    ]
    http.put("/v1/roster/courses", json=courses).raise_for_status()
    rows = [
        {"student_id": STUDENT, "course_id": "silent-own", "status": "active"},
        {"student_id": OTHER, "course_id": "silent-other", "status": "active"},
    ]
    http.put("/v1/roster/enrolments", json=rows).raise_for_status()
    for name, role, person in ((TEACHER, "instructor", TEACHER), (STUDENT, "student", STUDENT)):
        made = {"login_name": name, "role": role, "person": person, "password": PASSWORD}
        made |= {"reason": "The student asked for it."}
        http.post("/v1/accounts", json=made).raise_for_status()
    return running_server


@pytest.fixture(params=[TEACHER, STUDENT])
def somebody(platform: Platform, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with closing(sign_in(platform.server.url, request.param, PASSWORD)) as http:
        yield http


def pseudonym(platform: Platform, external_id: str) -> str:
    (row,) = platform.http.get("/v1/roster/people", params={"ids": external_id}).raise_for_status().json()
    return str(row["student_id"])


def alike(http: httpx.Client, theirs: str, nobodys: str, said: tuple[str, str], accept: str) -> None:
    """Both addresses get the same answer, byte by byte but for what was asked for."""
    first, second = (http.get(path, headers={"Accept": accept}) for path in (theirs, nobodys))
    assert first.status_code == second.status_code
    assert 400 <= first.status_code < 500
    texts = [without_tokens(each.text) for each in (first, second)]
    assert texts[0].replace(said[0], "X") == texts[1].replace(said[1], "X")
    assert "Named" not in first.text
    assert "Somebody else" not in first.text


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    "path",
    [
        "/students/{}",
        "/courses/silent-own/students/{}",
        "/courses/silent-other/students/{}",
        "/cards/student_headline?student={}",
        "/cards/student_headline.csv?student={}",
        "/v1/metrics/student_headline?student={}",
    ],
)
def test_another_student_is_as_unknown_as_nobody(
    platform: Platform, somebody: httpx.Client, path: str, accept: str
) -> None:
    theirs, nobodys = pseudonym(platform, OTHER), str(uuid4())
    alike(somebody, path.format(theirs), path.format(nobodys), (theirs, nobodys), accept)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    "path",
    [
        "/courses/{}",
        "/courses/{}/videos/v",
        "/courses/{}/students/6f1c9a52-0000-4000-8000-000000000000",
        "/cards/course_headline?course={}",
        "/v1/metrics/course_headline?course={}",
    ],
)
def test_another_course_is_as_unknown_as_none(
    platform: Platform, somebody: httpx.Client, path: str, accept: str
) -> None:
    theirs, nobodys = "silent-other", "silent-none"
    alike(somebody, path.format(theirs), path.format(nobodys), (theirs, nobodys), accept)


def test_signing_in_says_nothing_about_who_has_an_account(platform: Platform) -> None:
    answers = []
    for name in (TEACHER, "silent-nobody"):
        with httpx.Client(base_url=platform.server.url, headers={"Origin": platform.server.url}) as http:
            token = http.get("/sign-in").text.split('name="form_token" value="')[1].split('"')[0]
            form = {"form_token": token, "login_name": name, "password": "wrong", "next": ""}
            answer = http.post("/sign-in", data=form)
            answers.append((answer.status_code, without_tokens(answer.text).replace(name, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
