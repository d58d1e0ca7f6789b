"""While the store of alerts itself is down, the alert about it reaches the open page of an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from coursepulse.store.postgres.embedded import EmbeddedPostgres
from tests.support.browsing import sign_in
from tests.support.live import OpenPage, open_page
from tests.support.pages import PASSWORD
from tests.support.server import Platform, platform
from tests.web.test_browser import browser

__all__ = ["browser"]


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "outside")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sender(tmp_path: Path, postgres: EmbeddedPostgres) -> Iterator[Platform]:
    chosen = {"postgres": postgres.start(), "demo": True, "demo_password": PASSWORD}
    with platform(tmp_path / "server", **chosen) as sender:
        yield sender
        # A server whose database is away stops too, but waits for it first.
        postgres.start()


def news(page: OpenPage, wanted: bool) -> dict[str, Any]:
    """The next news with troubles of the platform, or without."""
    while True:
        told = page.next(60)
        if told.event == "changed" and bool(told.news.get("platform")) is wanted:
            found: dict[str, Any] = told.news
            return found


@pytest.mark.long
def test_an_open_page_is_told_in_full_and_only_that_of_an_administrator(
    sender: Platform, postgres: EmbeddedPostgres
) -> None:
    with (
        closing(sign_in(sender.server.url, "admin", PASSWORD)) as admin,
        closing(sign_in(sender.server.url, "instructor", PASSWORD)) as instructor,
        open_page(admin) as page,
        open_page(instructor) as other,
    ):
        assert 'id="platform-trouble" hidden' in admin.get("/").text
        assert 'id="platform-trouble"' not in instructor.get("/").text
        assert news(page, wanted=False)["platform"] == []
        assert "platform" not in other.next().news
        postgres.stop()
        [sentence] = news(page, wanted=True)["platform"]
        assert sentence.startswith("The store “postgres” does not answer: ")
        assert [told for told in other.all_within(1) if told.event == "changed"] == []


@pytest.mark.long
def test_a_banner_stands_above_every_page_of_an_administrator_until_the_store_is_back(
    sender: Platform, postgres: EmbeddedPostgres, browser: Browser
) -> None:
    with (
        closing(sign_in(sender.server.url, "admin", PASSWORD)) as http,
        closing(browser.new_context(base_url=sender.server.url)) as context,
    ):
        context.add_cookies(
            [{"name": name, "value": value, "url": sender.server.url} for name, value in http.cookies.items()]
        )
        home, inbox = context.new_page(), context.new_page()
        for tab, path in ((home, "/"), (inbox, "/alerts")):
            tab.goto(path)
            expect(tab.locator("#platform-trouble")).to_be_hidden()
        postgres.stop()
        for tab in (home, inbox):
            banner = tab.get_by_role("alert").filter(has_text="does not answer")
            expect(banner).to_be_visible(timeout=60_000)
            expect(banner).to_contain_text("The store “postgres” does not answer: ")
        # What was shown before stays, and is not swapped for errors.
        expect(home.get_by_role("heading", name="First steps")).to_be_visible()
        postgres.start()
        for tab in (home, inbox):
            expect(tab.locator("#platform-trouble")).to_be_hidden(timeout=60_000)
