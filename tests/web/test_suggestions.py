"""Personal suggestions: for those who agreed to them, and for nobody else, on no surface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.support.browsing import sign_in, token_of
from tests.support.pages import LEARN, LEARNER, PASSWORD, STUDENTS, Pages

CARD = "/cards/student_steps"
OFF = "No suggestions are made without consent to personal suggestions."


@pytest.fixture
def student(pages: Pages) -> Iterator[httpx.Client]:
    """The learner's browser; afterwards they agree to no suggestions."""
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        yield http
        press(http, "personalisation", "no")


def press(http: httpx.Client, purpose: str, granted: str) -> None:
    """The button of the privacy centre."""
    token = token_of(http.get("/privacy").text)
    fields = {"form_token": token, "student": "", "purpose": purpose, "granted": granted}
    assert http.post("/privacy/consents", data=fields).status_code == 303


def asked(pages: Pages, student: str = LEARNER) -> dict[str, Any]:
    """What the API answers."""
    answer: dict[str, Any] = (
        pages.sender.http.get("/v1/metrics/student_steps", params={"student": student})
        .raise_for_status()
        .json()
    )
    return answer


def file_of(pages: Pages) -> list[str]:
    wish = {"student": LEARNER, "format": "csv"}
    return pages.sender.http.get("/v1/metrics/student_steps", params=wish).text.splitlines()


def test_unknown_means_no_on_every_surface(pages: Pages, student: httpx.Client) -> None:
    answer = asked(pages)
    assert (answer["rows"], answer["lacks_consent"]) == ([], "personalisation")
    assert len(file_of(pages)) == 1
    own = student_of(pages)
    twin = student.get(f"{CARD}.json?student={own}").json()
    assert (twin["rows"], twin["lacks_consent"]) == ([], "personalisation")
    assert len(student.get(f"{CARD}.csv?student={own}").text.splitlines()) == 1


def test_the_card_says_so_and_leads_to_the_privacy_centre(pages: Pages, student: httpx.Client) -> None:
    card = card_of(student.get("/").text)
    assert OFF in card
    assert 'href="/privacy#purpose-personalisation"' in card
    of_another = card_of(pages.get(pages.student).text)
    assert OFF in of_another
    assert 'href="/privacy#' not in of_another


def test_agreeing_brings_them_and_taking_it_back_ends_them(pages: Pages, student: httpx.Client) -> None:
    press(student, "personalisation", "yes")
    answer = asked(pages)
    assert [row["advice"] for row in answer["rows"]] == ["go_on"]
    assert answer["lacks_consent"] is None
    assert len(file_of(pages)) == 2
    card = card_of(student.get("/").text)
    assert "Continue with Pages &amp; &lt;tests&gt;" in card
    assert f'<a class="do" href="{LEARN}/l2" rel="noreferrer" target="_top">Continue: Lesson l2</a>' in card
    assert OFF not in card
    courses = student.get("/").text.partition('id="card-student_courses"')[2].partition("</section>")[0]
    assert f'href="{LEARN}/course"' in courses
    for_others = card_of(pages.get(f"/students/{student_of(pages)}").text)
    assert "Going on with Pages &amp; &lt;tests&gt;" in for_others
    assert "Continue: Lesson l2" in for_others
    assert LEARN not in for_others
    press(student, "personalisation", "no")
    assert asked(pages)["rows"] == []
    assert OFF in card_of(student.get("/").text)


def test_an_agreement_is_that_of_one_student(pages: Pages) -> None:
    now = datetime.now(UTC).isoformat()
    row = {"external_id": STUDENTS[9], "purpose": "personalisation", "granted": True, "at": now}
    pages.sender.http.put("/v1/consents", json=[row]).raise_for_status()
    assert asked(pages, STUDENTS[9])["rows"]
    for other in (STUDENTS[10], "nobody-knows"):
        assert asked(pages, other)["lacks_consent"] == "personalisation"


def student_of(pages: Pages) -> str:
    """The learner's pseudonym."""
    people = pages.sender.http.get("/v1/roster/people", params={"ids": LEARNER}).json()
    return str(people[0]["student_id"])


def card_of(html: str) -> str:
    """The card of suggestions on a page."""
    return html.partition('id="card-student_steps"')[2].partition("</section>")[0]
