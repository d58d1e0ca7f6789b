"""The comparison with the class as a student uses it: agree, look, stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest

from tests.support.browsing import sign_in, token_of
from tests.support.pages import pseudonym_of, study
from tests.support.server import Platform

COURSE = "beside-101"
PASSWORD = "a password of the tests"
ME = "beside-me"
OTHERS = [f"mate-of-me-{number:02}" for number in range(16)]
CARD = "/cards/student_class"


@pytest.fixture(scope="module")
def me(running_server: Platform) -> Iterator[httpx.Client]:
    """A student in a course with sixteen others, all of whom have agreed to be compared."""
    http, people = running_server.http, [ME, *OTHERS]
    http.put(
        "/v1/roster/people", json=[{"external_id": who, "name": f"Real {who}"} for who in people]
    ).raise_for_status()
    course = {"course_id": COURSE, "title": "Beside", "lessons": [{"lesson_id": "l1", "title": "l1"}]}
    http.put("/v1/roster/courses", json=[course]).raise_for_status()
    running_server.agree(*people)
    said = {"purpose": "class_comparison", "granted": True, "text_version": "1"}
    said |= {"at": datetime.now(UTC).isoformat()}
    http.put("/v1/consents", json=[{"external_id": who} | said for who in OTHERS]).raise_for_status()
    running_server.send(*(event for n, who in enumerate(people) for event in study(who, n, COURSE)))
    running_server.settle()
    account = {
        "login_name": ME,
        "role": "student",
        "password": PASSWORD,
        "person": ME,
        "reason": "A person of these tests.",
    }
    http.post("/v1/accounts", json=account).raise_for_status()
    with closing(sign_in(running_server.server.url, ME, PASSWORD)) as browser:
        yield browser


def decide(me: httpx.Client, granted: str) -> None:
    form = {"student": "", "purpose": "class_comparison", "granted": granted}
    form |= {"form_token": token_of(me.get("/privacy").text)}
    assert me.post("/privacy/consents", data=form).status_code == 303


def card(me: httpx.Client) -> str:
    return me.get("/").text.partition('id="card-student_class"')[2].partition("</section>")[0]


def test_agree_look_and_stop(running_server: Platform, me: httpx.Client) -> None:
    about = {"student": pseudonym_of(running_server, ME)}
    assert 'href="/privacy#purpose-class_comparison"' in card(me)
    assert 'id="purpose-class_comparison"' in me.get("/privacy").text
    decide(me, "yes")
    answer = me.get(f"{CARD}.json", params=about).raise_for_status().json()
    (row,) = answer["rows"]
    # All have completed the one lesson.
    assert (row["completion_pct"], row["class_completion_median"]) == (100, 100)
    assert "The middle of the others is 100" in row["comparison"]
    shown = card(me)
    assert ("strip-middle" in shown, "strip-half" in shown) == (True, False), "too few for the quarters"
    assert not any(who in shown or who in str(answer) for who in OTHERS)
    decide(me, "no")
    stopped = me.get(f"{CARD}.json", params=about).raise_for_status().json()
    assert (stopped["rows"], stopped["lacks_consent"]) == ([], "class_comparison")


def test_nobody_else_is_shown_it(running_server: Platform, me: httpx.Client) -> None:
    params = {"student": ME}
    assert running_server.http.get("/v1/metrics/student_class", params=params).status_code == 403
    other = {"student": pseudonym_of(running_server, OTHERS[0])}
    assert me.get(f"{CARD}.json", params=other).status_code == 403
