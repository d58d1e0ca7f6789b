"""axe-core finds nothing to complain about, on any page, for any role, in the light and in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.browsing import sign_in
from tests.support.long import LONG
from tests.support.pages import PASSWORD, Pages

pytestmark = pytest.mark.slow

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")

#: WCAG 2.2 A and AA, and what axe-core calls good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

ADMIN = (
    "/",
    "/definitions",
    "/alerts",
    "/admin/users",
    "/admin/keys",
    "/admin/audit",
    "/admin/quality",
    "/admin/system",
    "/admin/reconciliation",
    "/admin/models",
    "/break-glass",
    "/webhooks",
)
COURSE = "/courses/pages-101"
EVIDENCE = "/evidence/course_summary?column=active_learners&course=pages-101"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield started
        started.close()


def complaints(tab: Page, rules: dict[str, Any]) -> list[str]:
    """What axe-core says, with the first place of each."""
    # What passes is most of what it could tell, and is not brought here.
    found = tab.evaluate(
        "rules => axe.run(document, {...rules, resultTypes: ['violations']}).then(said => said.violations)",
        rules,
    )
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]


def look(tab: Page, path: str, *, dark_too: bool = True) -> list[str]:
    """In the light with every rule, in the dark with those about colours.

    Of most English pages the dark is for the long run: other languages have the same colours.
    """
    tab.emulate_media(color_scheme="light")
    tab.goto(path)
    tab.wait_for_function("!document.querySelector('[data-option]:not([data-drawn])')")
    tab.evaluate(AXE)
    light = complaints(tab, {"runOnly": RULES})
    if not dark_too:
        return [f"{path} {each}" for each in light]
    tab.emulate_media(color_scheme="dark")
    dark = complaints(tab, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    return [f"{path} {each}" for each in (*light, *dark)]


def sit_down(browser: Browser, pages: Pages, role: str, language: str = "en") -> BrowserContext:
    """Somebody at a browser that asks for a language."""
    with closing(sign_in(pages.url, role, PASSWORD)) as http:
        cookies = [{"name": name, "value": value, "url": pages.url} for name, value in http.cookies.items()]
    context = browser.new_context(base_url=pages.url, reduced_motion="reduce", locale=language)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    return context


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("student", ("/", "/privacy", "/privacy/accesses", COURSE, "/courses/none")),
        (
            "instructor",
            (
                "/",
                COURSE,
                f"{COURSE}/videos/v1",
                f"{COURSE}/alert-thresholds",
                "/notifications",
                "/reports",
                EVIDENCE,
            ),
        ),
        ("manager", ("/",)),
        ("admin", ADMIN),
    ],
)
def test_axe_finds_nothing(browser: Browser, pages: Pages, role: str, paths: tuple[str, ...]) -> None:
    context = sit_down(browser, pages, role)
    tab = context.new_page()
    found = [each for path in paths for each in look(tab, path, dark_too=LONG or path in ("/", COURSE))]
    context.close()
    assert found == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("language", "direction", "role", "paths"),
    [
        ("de", "ltr", "student", ("/", "/privacy")),
        ("ar", "rtl", "instructor", (COURSE, EVIDENCE)),
        pytest.param("ar", "rtl", "student", ("/", "/privacy"), marks=pytest.mark.long),
        pytest.param("de", "ltr", "instructor", (COURSE, EVIDENCE), marks=pytest.mark.long),
        pytest.param("de", "ltr", "admin", ("/",), marks=pytest.mark.long),
        pytest.param("ar", "rtl", "admin", ("/",), marks=pytest.mark.long),
    ],
)
def test_axe_finds_nothing_in_other_languages(
    browser: Browser, pages: Pages, role: str, paths: tuple[str, ...], language: str, direction: str
) -> None:
    context = sit_down(browser, pages, role, language)
    tab = context.new_page()
    found = [each for path in paths for each in look(tab, path)]
    spoken = tab.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    context.close()
    assert (spoken, found) == ([language, direction], [])


def test_axe_finds_nothing_on_the_pages_before_sign_in(browser: Browser, pages: Pages) -> None:
    context = browser.new_context(base_url=pages.url, reduced_motion="reduce")
    found = look(context.new_page(), "/sign-in")
    context.close()
    assert found == []
