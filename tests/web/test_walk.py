"""Every page that each role can reach from its first one, in a real browser on the demo's campus."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.demo import small_demo

pytestmark = [pytest.mark.slow, pytest.mark.long]

#: Pages of one kind: as many courses, learners or numbers are looked at.
EACH = 3

#: What leads to a file, and what leads away.
FILES = re.compile(r"\.(csv|json|pdf)(\?|$)|[?&]file=")
AWAY = re.compile(r"^/sign-out|^/docs/|^/static/")

#: Layout shift of a page while it loads; 0.1 is called good (web.dev, Core Web Vitals).
STEADY = 0.02

WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""

#: Every card of a page: where its rows come from, and what they are.
CARDS = """() => [...document.querySelectorAll("section.card[data-rows]")].map((card) => ({
  address: [...card.querySelectorAll(".card-foot a")].find((each) => each.pathname.endsWith(".json"))?.href,
  digest: card.dataset.rows, text: card.innerText,
}))"""


class Walker(NamedTuple):
    """A tab in which somebody is signed in, and what went wrong in it."""

    tab: Page
    faults: list[str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with small_demo(tmp_path_factory.mktemp("walk") / "demo") as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def walker(demo: str, browser: Browser, role: str) -> Iterator[Walker]:
    context = browser.new_context(
        base_url=demo, reduced_motion="reduce", viewport={"width": 1280, "height": 900}
    )
    context.add_init_script(WATCH)
    tab, faults = context.new_page(), list[str]()
    tab.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("request", lambda asked: None if asked.url.startswith(demo) else faults.append(asked.url))
    tab.goto("/sign-in")
    tab.click(f"#demo-{role}")
    tab.wait_for_load_state()
    yield Walker(tab, faults)
    context.close()


@pytest.mark.parametrize("role", ["student", "instructor", "manager", "admin"])
def test_every_page_of_a_role_holds(walker: Walker, role: str) -> None:
    seen, kinds, waiting = {"/"}, Counter[str](), deque(["/"])
    while waiting:
        path = waiting.popleft()
        if kinds[kind_of(path)] >= EACH:
            continue
        kinds[kind_of(path)] += 1
        if FILES.search(path):
            assert walker.tab.request.get(path).status == 200, path
            continue
        for link in look(walker, path):
            if link not in seen and not AWAY.search(link):
                seen.add(link)
                waiting.append(link)
    assert len(kinds) >= 4, kinds
    assert walker.faults == []


def kind_of(path: str) -> str:
    """A page without the names in its address: every second part of a long one is a name."""
    parts = path.partition("?")[0].strip("/").split("/")
    return "/".join("*" if number % 2 else part for number, part in enumerate(parts))


def look(walker: Walker, path: str) -> list[str]:
    """Open a page, check what holds for all of them, and return what it links to."""
    tab = walker.tab
    answer = tab.goto(path)
    assert answer
    assert answer.status == 200, path
    expect(tab.locator("[data-option]:not([data-drawn])")).to_have_count(0)
    assert tab.evaluate("window.shifted") < STEADY, path
    for card in tab.evaluate(CARDS):
        if card["address"]:
            check_card(tab, card, path)
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390, path
    tab.set_viewport_size({"width": 1280, "height": 900})
    links: list[str] = tab.eval_on_selector_all(
        "a[href^='/']", "links => links.map((each) => each.getAttribute('href').split('#')[0])"
    )
    return [link for link in links if link]


def check_card(tab: Page, card: dict[str, str], path: str) -> None:
    """A card shows the rows that its file has, and says its counts as people read them."""
    file = tab.request.get(card["address"])
    assert file.status == 200, (path, card["address"])
    told = file.json()
    if told["rows_digest"] != card["digest"]:
        # A list on a page is one page of the file.
        assert len(told["rows"]) > 1, (path, card["address"])
    for row in told["rows"][:1]:
        if row.get("kind") == "count" and isinstance(row.get("value"), int):
            assert f"{row['value']:,}" in card["text"], (path, row, card["text"])
