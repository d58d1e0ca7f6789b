"""What each role sees first, and a student's own dashboard in a frame."""

from __future__ import annotations

import re
from contextlib import closing
from html import unescape

import httpx
import pytest

from coursepulse.access.accounts import ROLES
from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.special.taught import AT_ONCE
from tests.support.browsing import sign_in, visit
from tests.support.pages import COURSE, ELSEWHERE, LEARNER, PASSWORD, STUDENTS, Pages

#: The cards about a student that anybody else may see: goals are for the student alone.
SHOWN_TO_OTHERS = [card for card in DASHBOARDS[Dashboard.STUDENT] if not card.source.private]


def home_of(pages: Pages, role: str) -> httpx.Response:
    with closing(sign_in(pages.url, role, PASSWORD)) as http:
        return http.get("/")


def embedded(pages: Pages) -> str:
    made = pages.sender.http.post("/v1/embed-tokens", json={"student_id": LEARNER})
    url: str = made.raise_for_status().json()["url"]
    return url


def test_the_demo_opens_at_the_sign_in_page_with_one_click_for_each_role(pages: Pages) -> None:
    with visit(pages.url) as http:
        assert http.get("/").headers["location"] == "/sign-in?next=%2F"
        html = http.get("/sign-in").text
    assert re.findall(r'<button type="submit" id="demo-(\w+)"', html) == list(ROLES)
    assert "the administrator can see every record" in html
    assert PASSWORD in html


def test_students_see_themselves(pages: Pages) -> None:
    html = home_of(pages, "student").text
    assert "<h1>My learning</h1>" in html
    assert html.count('class="card span-') == len(DASHBOARDS[Dashboard.STUDENT]) + len(
        ["who looked at my record"]
    )
    assert "The database is not responding" not in html


def test_everything_that_students_are_led_to_is_theirs_to_see(pages: Pages) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        links = set(re.findall(r'href="(/(?:courses|students)[^"]*)"', http.get("/").text))
        assert links
        shown = {link: http.get(link) for link in links}
    assert {answer.status_code for answer in shown.values()} == {200}
    assert all("<h1>Pages &amp; &lt;tests&gt;</h1>" in answer.text for answer in shown.values())


def test_students_see_nobody_else(pages: Pages) -> None:
    other = pages.pseudonym(11)
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        assert http.get(f"/students/{other}").status_code == 403
        assert http.get(pages.course).status_code == 403
        assert http.get(f"/cards/student_headline.json?student={other}").status_code == 403
        assert http.get(f"/v1/metrics/student_summary?student={STUDENTS[0]}").status_code == 403
        assert http.get(f"/v1/metrics/student_summary?student={LEARNER}").status_code == 200


def test_instructors_see_their_courses(pages: Pages) -> None:
    html = home_of(pages, "instructor").text
    assert html.count('class="card span-') == len(DASHBOARDS[Dashboard.TAUGHT])
    row = html.partition(f'<a href="/courses/{COURSE}">Pages &amp; &lt;tests&gt;</a>')[2]
    learners = re.search(r'<td class="number"[^>]*><a class="why"[^>]*href="([^"]+)">(\d+)</a></td>', row)
    assert learners
    assert int(learners[2]) >= len(STUDENTS)
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        assert http.get(unescape(learners[1])).status_code == 200
        assert http.get(pages.course).status_code == 200
        assert http.get("/courses/another").status_code == 403


def test_of_many_courses_some_show_their_numbers_and_all_are_named(pages: Pages) -> None:
    http = pages.sender.http
    courses = [f"many-{number:02}" for number in range(AT_ONCE + 2)]
    rows = [{"course_id": course, "title": f"Course {course}", "instructors": ["max"]} for course in courses]
    http.put("/v1/roster/courses", json=rows).raise_for_status()
    account = {"login_name": "max", "role": "instructor", "person": "max", "password": PASSWORD}
    account |= {"reason": "Teaches in these tests."}
    http.post("/v1/accounts", json=account).raise_for_status()
    shown, _, others = home_of(pages, "max").text.partition("<h2>More courses</h2>")
    lines = re.findall(r'<th scope="row"[^>]*><a href="/courses/([^"]+)">([^<]+)</a>', shown)
    assert lines == [(course, f"Course {course}") for course in courses[:AT_ONCE]]
    assert re.findall(r'<a href="/courses/([^"]+)"', others) == courses[AT_ONCE:]


def test_the_names_of_a_class_lead_those_who_teach_it_to_each_learner(pages: Pages) -> None:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        links = set(re.findall(rf'href="(/courses/{COURSE}/students/[^"]+)"', http.get(pages.course).text))
        # Other tests send for a student more.
        assert len(links) >= len(STUDENTS)
        one = f"/courses/{COURSE}/students/{pages.pseudonym(10)}"
        assert one in links
        shown = http.get(one)
        whole = re.search(r'href="(/students/[^"]+)"', shown.text)
        assert whole
        assert http.get(whole[1]).status_code == 403
    assert shown.status_code == 200
    cards = re.findall(r'id="card-(\w+)"', shown.text)
    expected = [*DASHBOARDS[Dashboard.STUDIED], *SHOWN_TO_OTHERS]
    assert set(cards) == {card.slug for card in expected}
    assert "You do not have access to this record" not in shown.text
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        assert http.get(one).status_code == 403


def test_everybody_else(pages: Pages) -> None:
    assert "You are not leading a team at the moment." in home_of(pages, "manager").text
    assert home_of(pages, "admin").text.count('class="card span-') == len(DASHBOARDS[Dashboard.PLATFORM])
    assert home_of(pages, "auditor").headers["location"] == "/admin/audit"


def test_a_frame_shows_the_students_own_numbers_to_one_origin(pages: Pages) -> None:
    shown = httpx.get(embedded(pages), timeout=60)
    assert shown.status_code == 200
    assert f"frame-ancestors {ELSEWHERE}" in shown.headers["content-security-policy"]
    assert "set-cookie" not in shown.headers
    assert shown.text.count('class="card span-') == len(DASHBOARDS[Dashboard.STUDENT])
    found = re.search(r"\{&#34;X-Embed-Session&#34;: &#34;([\w-]+)", shown.text)
    assert found
    carried = {"X-Embed-Session": found[1]}
    mine = re.search(r'hx-get="(/cards/student_headline[^"]+)"', shown.text)
    assert mine
    assert httpx.get(pages.url + mine[1].replace("&amp;", "&"), headers=carried).status_code == 200
    other = pages.pseudonym(11)
    for path in (f"/cards/student_headline?student={other}", f"/cards/course_daily?course={COURSE}", "/"):
        assert httpx.get(pages.url + path, headers=carried).status_code in (401, 403), path


def test_a_frame_has_no_link_to_a_page_that_it_cannot_open(pages: Pages) -> None:
    shown = httpx.get(embedded(pages), timeout=60).text
    found = re.search(r"\{&#34;X-Embed-Session&#34;: &#34;([\w-]+)", shown)
    assert found
    cards = re.findall(r'hx-get="(/cards/student_[^"]+)" hx-trigger="refresh"', shown)
    assert len(cards) == len(DASHBOARDS[Dashboard.STUDENT])
    parts = [
        httpx.get(pages.url + card.replace("&amp;", "&"), headers={"X-Embed-Session": found[1]}).text
        for card in cards
    ]
    assert "Pages &amp; &lt;tests&gt;" in shown
    for text in (shown, *parts):
        # What is left turns a card, within the frame, or leaves the frame for a task on the platform.
        links = re.findall(r"<a [^>]*>", text)
        assert [link for link in links if "hx-get=" not in link and 'target="_top"' not in link] == []
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        assert f'href="/courses/{COURSE}/students/' in http.get("/").text


@pytest.mark.parametrize("token", ["", "x", "x.y.z"])
def test_a_frame_without_a_token_shows_one_sentence(pages: Pages, token: str) -> None:
    answer = pages.get(f"/embed?token={token}")
    assert answer.status_code == 403
    assert "This view has expired" in answer.text
