"""Signing in, the account menu, the admin screens and a framed dashboard, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.pages import ELSEWHERE, LEARNER, PASSWORD, Pages
from tests.web.test_browser import browser

__all__ = ["browser"]


@pytest.fixture
def context(browser: Browser, pages: Pages) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=pages.url, reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.fixture
def tab(context: BrowserContext) -> Iterator[Page]:
    """A tab that notes every complaint of the page's policy and scripts."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Policy" in message.text else None)
    yield page
    assert faults == []


def test_keyboard_signs_in_and_out(tab: Page) -> None:
    tab.goto("/definitions")
    expect(tab).to_have_url("/sign-in?next=%2Fdefinitions")
    expect(tab.locator("#login_name")).to_be_focused()
    tab.keyboard.type("admin")
    tab.keyboard.press("Tab")
    tab.keyboard.type("wrong")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert")).to_have_text("Incorrect login name or password.")
    expect(tab.locator("#password")).to_be_focused()
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab).to_have_url("/definitions")
    tab.focus("#account-menu summary")
    tab.keyboard.press("Enter")
    expect(tab.locator("#sign-out")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator("#sign-out")).to_be_hidden()
    tab.keyboard.press("Enter")
    tab.focus("#sign-out")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url("/sign-in")


def test_one_click_steps_in_as_a_student(tab: Page) -> None:
    tab.goto("/")
    tab.click("#demo-student")
    expect(tab.locator("h1")).to_have_text("My learning")
    expect(tab.locator("[data-option]:not([data-drawn])")).to_have_count(0)


@pytest.mark.long
def test_admin_screens_fit_on_a_phone(tab: Page) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto("/sign-in")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.click("#demo-admin")
    # The click only starts the way to the first page: going on before it is there would ask a
    # document that is being replaced, or leave before the session's cookie has come.
    expect(tab.locator("#account-menu")).to_be_visible()
    for path in ("/", "/admin/users", "/admin/keys"):
        tab.goto(path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_an_administrator_adds_somebody(tab: Page) -> None:
    tab.goto("/sign-in?next=/admin/users")
    tab.click("#demo-admin")
    tab.fill("#new-name", "browser-ann")
    tab.get_by_role("button", name="Add an account").click()
    expect(tab.get_by_role("status").first).to_contain_text("Saved: browser-ann.")
    assert len(tab.inner_text("#secret")) >= 16


def test_a_frame_of_another_site_shows_a_student_and_refreshes(tab: Page, pages: Pages) -> None:
    made = pages.sender.http.post("/v1/embed-tokens", json={"student_id": LEARNER}).json()

    class Platform(BaseHTTPRequestHandler):
        """A page of an e-learning platform."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(
                f'<iframe id="f" width="900" height="700" src="{made["url"]}"></iframe>'.encode()
            )

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", int(ELSEWHERE.rpartition(":")[2])), Platform)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        tab.goto(ELSEWHERE)
        frame = tab.frame_locator("#f")
        expect(frame.locator("h1")).to_have_text("My learning")
        expect(frame.locator("[data-live=on]")).to_have_count(1)
        inside = tab.frames[1]
        with tab.expect_response(lambda answer: "/cards/student_courses" in answer.url) as refreshed:
            inside.evaluate("htmx.trigger('#card-student_courses', 'refresh')")
        assert refreshed.value.status in (200, 204)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
