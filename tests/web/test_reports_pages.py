"""Scheduling reports on the screens: one's own, and as an administrator those of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.support.browsing import post_form, sign_in, token_of
from tests.support.pages import COURSE, PASSWORD, Pages

WEEKLY = {"do": "add", "form": "pdf", "every": "week", "weekday": "0", "month_day": "1", "hour": "7"}


@pytest.fixture(scope="module")
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        yield http


def schedule(http: httpx.Client, address: str, **more: str) -> httpx.Response:
    """The answer to the form for a report of the page with this address."""
    fields = {"form_token": token_of(http.get("/reports").text), "page": address}
    return http.post("/reports", data=fields | WEEKLY | more)


def ids_of(html: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="report" value="([0-9a-f-]{36})"', html)))


def test_a_page_is_scheduled_paused_sent_and_deleted(pages: Pages, teacher: httpx.Client) -> None:
    html = teacher.get(f"{pages.course}?days=7").text
    assert "/reports?page=%2Fcourses%2Fpages-101%3Fdays%3D7" in html
    assert (
        'value="/courses/pages-101?days=7"' in teacher.get("/reports?page=/courses/pages-101%3Fdays%3D7").text
    )
    made = schedule(teacher, f"{pages.course}?days=7")
    assert "The report “Pages &amp; &lt;tests&gt;” is scheduled." in made.text
    assert "Every Monday at 07:00, UTC" in made.text
    (report,) = ids_of(made.text)
    assert "Paused" in post_form(teacher, "/reports", do="pause", report=report).text
    assert "is on its way" in post_form(teacher, "/reports", do="send", report=report).text
    assert "Next: " in post_form(teacher, "/reports", do="resume", report=report).text
    assert ids_of(post_form(teacher, "/reports", do="remove", report=report).text) == []
    tags = {
        entry["tag"]
        for entry in pages.admin.get("/v1/audit", params={"limit": 500}).json()["entries"]
        if entry["tag"].startswith("reports:")
    }
    assert {f"reports:account:{what}" for what in ("add", "pause", "send", "resume", "remove")} <= tags


@pytest.mark.parametrize(
    "address", ["/courses/nobodys-course", "/teams/nobodys-team", "/students/nobody", "/admin/quality"]
)
def test_what_somebody_may_not_see_is_not_scheduled(teacher: httpx.Client, address: str) -> None:
    answer = schedule(teacher, address)
    assert answer.status_code == 403
    assert "you may not see it" in answer.text


@pytest.mark.parametrize(
    "address",
    ["//elsewhere.example/", "https://elsewhere.example/", "/v1/events", "/reports", "/../x", "courses/x"],
)
def test_only_pages_of_cards_are_scheduled(teacher: httpx.Client, address: str) -> None:
    assert schedule(teacher, address).status_code == 400


def test_the_page_about_a_student_is_kept_without_their_name(pages: Pages, teacher: httpx.Client) -> None:
    address = f"{pages.course}/students/{pages.pseudonym(3)}"
    made = schedule(teacher, address)
    assert made.status_code == 200
    assert "Lea Learner" not in made.text
    for report in ids_of(made.text):
        post_form(teacher, "/reports", do="remove", report=report)


def test_nobody_changes_the_reports_of_others(pages: Pages, teacher: httpx.Client) -> None:
    (report,) = ids_of(schedule(teacher, "/").text)
    with closing(sign_in(pages.url, "student", PASSWORD)) as student:
        for wish in ("pause", "send", "remove"):
            assert post_form(student, "/reports", do=wish, report=report).status_code == 404
        assert ids_of(student.get("/reports").text) == []
    # Administrators see to all of them.
    assert report in ids_of(pages.admin.get("/reports").text)
    assert post_form(pages.admin, "/reports", do="remove", report=report).status_code == 200


def test_an_administrator_schedules_for_others(pages: Pages, teacher: httpx.Client) -> None:
    monthly = {"every": "month", "month_day": "31", "form": "link"}
    made = schedule(pages.admin, f"/courses/{COURSE}", account="instructor", **monthly)
    assert "Day 31 of each month" in made.text
    (report,) = ids_of(teacher.get("/reports").text)
    assert post_form(teacher, "/reports", do="remove", report=report).status_code == 200
    nobody = schedule(pages.admin, "/", account="nobody-here")
    assert nobody.status_code == 404


def test_the_letter_is_off_until_somebody_wants_it(pages: Pages) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as student:
        assert "You do not get the weekly letter." in student.get("/reports").text
        assert "You get the weekly letter." in post_form(student, "/reports", do="letter_on").text
        assert "You do not get the weekly letter." in post_form(student, "/reports", do="letter_off").text
    assert "Weekly letter" not in pages.admin.get("/reports").text


def test_the_api_speaks_of_the_same_reports(pages: Pages, teacher: httpx.Client) -> None:
    wish = {"page": f"/courses/{COURSE}", "month_day": 3, "hour": 6, "form": "csv"}
    made = teacher.post("/v1/reports", json=wish).raise_for_status().json()
    assert (made["title"], made["month_day"], made["form"]) == ("Pages & <tests>", 3, "csv")
    (listed,) = teacher.get("/v1/reports").json()
    assert listed == made
    paused = teacher.patch(f"/v1/reports/{made['report_id']}", json={"paused": True}).json()
    assert paused["paused"]
    assert teacher.delete(f"/v1/reports/{made['report_id']}").status_code == 200
    both = teacher.post("/v1/reports", json=wish | {"weekday": 1})
    assert (both.status_code, both.json()["code"]) == (400, "invalid_rhythm")
    no_zone = teacher.post("/v1/reports", json=wish | {"time_zone": "Mars/Olympus"})
    assert no_zone.json()["code"] == "unknown_time_zone"


def test_a_link_of_a_mail_asks_before_it_stops(pages: Pages) -> None:
    with closing(httpx.Client(base_url=pages.url)) as http:
        assert http.get("/reports/stop/nonsense").status_code == 404
