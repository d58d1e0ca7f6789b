"""Break-glass on the screens: the form, the banner, the list, and what administrators have to look into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.support.browsing import post_form, sign_in, token_of, without_tokens
from tests.support.pages import LEARNER, PASSWORD, STUDENTS, Pages

REASON = "a parent is worried about this week"


@pytest.fixture
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        yield http


@pytest.fixture
def student(pages: Pages) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        yield http


#: Records from this number of the class on are opened here and in no other file.
OURS = 20


def open_record(http: httpx.Client, student: str, reason: str = REASON) -> httpx.Response:
    return post_form(http, "/break-glass", do="open", student=student, reason=reason)


def test_a_refused_record_offers_to_open_it(pages: Pages, teacher: httpx.Client) -> None:
    unknown = "6f1c9a52-0000-4000-8000-000000000000"
    known = pages.pseudonym(OURS + 0)
    shown = {one: teacher.get(f"/students/{one}") for one in (known, unknown)}
    assert {answer.status_code for answer in shown.values()} == {403}
    assert "You do not have access to this record" in shown[known].text
    assert f'value="{known}"' in shown[known].text
    masked = [without_tokens(shown[one].text.replace(one, "")) for one in (known, unknown)]
    assert masked[0] == masked[1]


def test_the_form_leads_to_the_record_under_a_banner(pages: Pages, teacher: httpx.Client) -> None:
    one = pages.pseudonym(OURS + 1)
    refused = teacher.get(f"/students/{one}")
    fields = {"form_token": token_of(refused.text), "do": "open", "student": one, "reason": REASON}
    answer = teacher.post("/break-glass", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/students/{one}")
    page = teacher.get(f"/students/{one}")
    assert page.status_code == 200
    banner = page.text.partition('id="break-glass"')[2].partition("</div>")[0]
    assert re.search(r"instructor \(instructor\) can see this record until \d\d:\d\d UTC", banner)
    assert REASON in banner
    assert "the student can see it" in banner
    # Opened is for looking: nothing is offered that would carry the record away.
    assert "/cards/student_courses.json?" in page.text
    assert "/cards/student_courses.csv?" not in page.text
    assert "/privacy?student=" not in page.text
    assert teacher.get("/cards/student_courses.csv", params={"student": one}).status_code == 403


def test_no_banner_where_nothing_was_opened(pages: Pages) -> None:
    assert 'id="break-glass"' not in pages.get(f"/students/{pages.pseudonym(OURS + 9)}").text


@pytest.mark.parametrize("reason", ["", "too short", "x" * 501])
def test_a_form_that_says_too_little_comes_back_as_it_was(teacher: httpx.Client, reason: str) -> None:
    answer = open_record(teacher, "some-student", reason)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'value="some-student"' in answer.text
    assert f">{reason}</textarea>" in answer.text


def test_a_form_of_another_site_opens_nothing(pages: Pages, teacher: httpx.Client) -> None:
    one = pages.pseudonym(OURS + 2)
    fields = {"form_token": token_of(teacher.get("/break-glass").text), "student": one, "reason": REASON}
    foreign = teacher.post("/break-glass", data=fields, headers={"Origin": "https://evil.example"})
    forged = teacher.post("/break-glass", data=fields | {"form_token": "0" * 64})
    assert [foreign.status_code, forged.status_code] == [403, 403]
    assert teacher.get(f"/students/{one}").status_code == 403


def test_administrators_look_into_it(pages: Pages, teacher: httpx.Client) -> None:
    reason = "looked into by an administrator"
    open_record(teacher, pages.pseudonym(OURS + 3), reason)
    flagged = number_of_flagged(pages)
    listed = row_of(pages.get("/break-glass").text, reason)
    assert "I have reviewed this" in listed
    assert "I have reviewed this" not in teacher.get("/break-glass").text
    number = re.findall(r'name="number" value="(\d+)"', listed)[0]
    answer = post_form(pages.admin, "/break-glass", do="acknowledge", number=number)
    assert f"You have reviewed access grant {number}" in answer.text
    assert "by admin, " in row_of(answer.text, reason)
    assert number_of_flagged(pages) == flagged - 1


def test_nobody_else_may_note_that(pages: Pages, teacher: httpx.Client) -> None:
    open_record(teacher, pages.pseudonym(OURS + 4), "nobody else may note this")
    number = re.findall(r'name="number" value="(\d+)"', pages.get("/break-glass").text)[0]
    answer = post_form(teacher, "/break-glass", do="acknowledge", number=number)
    assert answer.status_code == 403
    assert "You may not do this" in answer.text


def test_the_list_says_what_is_open_and_names_it(pages: Pages, teacher: httpx.Client) -> None:
    open_record(teacher, LEARNER, "named while it is open")
    own = row_of(teacher.get("/break-glass").text, "named while it is open")
    assert "Lea Learner" in own
    assert 'class="chip' in own
    of_others = row_of(pages.get("/break-glass").text, "named while it is open")
    assert "Lea Learner" not in of_others
    assert "/admin/audit?subject=" in of_others


def test_the_student_sees_that_it_was_opened(
    pages: Pages, teacher: httpx.Client, student: httpx.Client
) -> None:
    opened = open_record(teacher, LEARNER, "the student shall see these words")
    teacher.get(opened.headers["location"])
    seen = student.get("/privacy/accesses").text
    row = row_of(seen, "the student shall see these words")
    assert "opened" in row
    assert "instructor" in row
    assert "Student at a glance" in row


def test_students_and_managers_have_no_such_page(pages: Pages, student: httpx.Client) -> None:
    assert student.get("/break-glass").status_code == 403
    assert open_form_of(student, "/privacy", STUDENTS[0]).status_code == 403
    with closing(sign_in(pages.url, "manager", PASSWORD)) as http:
        assert http.get("/break-glass").status_code == 403
        assert "break-glass" not in http.get("/").text


def test_auditors_read_the_list_and_open_nothing(pages: Pages) -> None:
    with closing(sign_in(pages.url, "auditor", PASSWORD)) as http:
        page = http.get("/break-glass")
        assert page.status_code == 200
        assert "glass-reason" not in page.text
        assert open_form_of(http, "/break-glass", STUDENTS[0]).status_code == 403


def open_form_of(http: httpx.Client, page: str, student: str) -> httpx.Response:
    """The form, sent by somebody whose pages do not have it."""
    token = token_of(http.get(page).text)
    return http.post(
        "/break-glass", data={"form_token": token, "do": "open", "student": student, "reason": REASON}
    )


def number_of_flagged(pages: Pages) -> int:
    found = re.search(r'id="flagged".*?(\d+) opened record', pages.get("/").text)
    return int(found[1]) if found else 0


def row_of(html: str, words: str) -> str:
    """The row of a table in which something is said."""
    return next(row for row in html.split("<tr>") if words in row)
