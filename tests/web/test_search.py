"""The search over everything finds what somebody may see, writes down looks at people, and works by the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.support.browsing import sign_in
from tests.support.pages import COURSE, LEARNER, PASSWORD, Pages, pseudonym_of
from tests.support.server import wait_until
from tests.web.test_axe import AXE, RULES, complaints

FOUND = f"/courses/{COURSE}/students/"

pytestmark = pytest.mark.usefixtures("_met")


@pytest.fixture(scope="module")
def _met(pages: Pages) -> None:
    """Those who teach see the names of learners as soon as it is written down who is in the course."""
    wait_until(lambda: "Lea Learner" in found(pages, "instructor", "lea lear"), 60)


def found(pages: Pages, role: str, typed: str) -> str:
    """The answer to a search that the palette asks for."""
    with closing(sign_in(pages.url, role, PASSWORD)) as http:
        return http.get("/search", params={"q": typed}, headers={"HX-Request": "true"}).text


def test_those_who_teach_find_learners_courses_pages_and_metrics(pages: Pages) -> None:
    assert f'data-href="{FOUND}{pseudonym_of(pages.sender, LEARNER)}"' in found(
        pages, "instructor", "lea lear"
    )
    assert f'data-href="/courses/{COURSE}"' in found(pages, "instructor", "PAGES &")
    assert 'data-href="/alerts"' in found(pages, "instructor", "alert")
    assert 'data-href="/definitions#course_risk"' in found(pages, "instructor", "risk m")


@pytest.mark.parametrize("role", ["student", "manager", "auditor"])
def test_nobody_finds_learners_whom_they_may_not_see(pages: Pages, role: str) -> None:
    answer = found(pages, role, "lea")
    assert FOUND not in answer
    assert "Lea Learner" not in answer


def test_students_find_their_own_course_and_no_page_of_others(pages: Pages) -> None:
    answer = found(pages, "student", "pages")
    assert f"/courses/{COURSE}/students/{pseudonym_of(pages.sender, LEARNER)}" in answer
    assert "/admin/" not in found(pages, "student", "a")


def test_administrators_find_every_course(pages: Pages) -> None:
    assert f'data-href="/courses/{COURSE}"' in found(pages, "admin", COURSE.upper())


def test_a_single_letter_looks_nobody_up(pages: Pages) -> None:
    assert FOUND not in found(pages, "instructor", "l")


def test_a_search_for_people_is_written_down(pages: Pages) -> None:
    def looked() -> list[str]:
        trail = pages.get("/admin/audit?actor=instructor&tag=metrics:course:read").text
        return re.findall(r"<tr.*?</tr>", trail, re.DOTALL)[1:]

    before = looked()
    found(pages, "instructor", "lea l")
    newest = looked()[0]
    assert newest not in before
    assert "course_students" in newest


def test_strangers_search_nothing(pages: Pages) -> None:
    answer = httpx.get(f"{pages.url}/search?q=lea", headers={"Accept": "text/html"})
    assert (answer.status_code, "Lea" in answer.text) == (303, False)


def test_without_scripts_the_search_is_a_page(pages: Pages) -> None:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        text = http.get("/search?q=lea").text
    assert f'<a href="{FOUND}{pseudonym_of(pages.sender, LEARNER)}"><bdi>Lea Learner</bdi></a>' in text


@pytest.fixture
def tab(pages: Pages) -> Iterator[Page]:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(base_url=pages.url, reduced_motion="reduce")
        context.add_cookies(
            [{"name": name, "value": value, "url": pages.url} for name, value in http.cookies.items()]
        )
        yield context.new_page()
        browser.close()


@pytest.mark.slow
def test_the_palette_works_by_the_keyboard_alone(tab: Page, pages: Pages) -> None:
    tab.goto("/definitions")
    tab.keyboard.press("Control+k")
    typed = tab.locator("#palette-typed")
    expect(typed).to_be_focused()
    expect(typed).to_have_attribute("aria-activedescendant", "found-page-1")
    tab.evaluate(AXE)
    assert complaints(tab, {"runOnly": RULES}) == []
    tab.keyboard.press("Escape")
    expect(tab.locator("#palette")).to_be_hidden()
    tab.keyboard.press("Control+k")
    tab.keyboard.type("pages")
    expect(tab.locator("#palette-told")).to_have_text("1 result")
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("#found-course-1")).to_have_attribute("aria-selected", "true")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/courses/{COURSE}")
