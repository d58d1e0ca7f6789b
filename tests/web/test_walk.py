"""Every page that each role can reach from its first one, in a real browser on the demo's campus."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.support.demo import small_demo

pytestmark = [pytest.mark.slow, pytest.mark.long]

#: Pages of one kind: as many courses, learners or numbers are looked at.
EACH = 3

#: What leads to a file, and what leads away.
FILES = re.compile(r"\.(csv|json|pdf)(\?|$)|[?&](file|format)=")
AWAY = re.compile(r"^/sign-out|^/docs/|^/static/")

#: A record that is not open yet: the form that opens it stands there.
OPENS = "a[href='/break-glass']"

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

    def note(said: str) -> None:
        # A form that opens a record is no fault.
        if "status of 403" not in said:
            faults.append(said)

    # A browser asks for an icon by itself where a file has named none.
    tab.on(
        "console",
        lambda said: (
            note(said.text)
            if said.type == "error" and not said.location["url"].endswith("favicon.ico")
            else None
        ),
    )
    tab.on(
        "response", lambda answer: note(f"{answer.status} of {answer.url}") if answer.status >= 404 else None
    )
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
            if walker.tab.request.get(path).status != 200:
                walker.faults.append(f"{path}: no file")
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
    """Open a page, note what does not hold that holds for all of them, and return what it links to."""
    tab, faults = walker.tab, walker.faults
    answer = tab.goto(path)
    if (
        not answer
        or answer.status not in (200, 403)
        or (answer.status == 403 and not tab.query_selector(OPENS))
    ):
        faults.append(f"{path}: {answer and answer.status}")
        return []
    expect(tab.locator("[data-option]:not([data-drawn])")).to_have_count(0)
    if (shift := tab.evaluate("window.shifted")) >= STEADY:
        faults.append(f"{path}: layout shift {shift:.2f}")
    faults += [f"{path}: {each}" for card in tab.evaluate(CARDS) for each in find_wrong(tab, card)]
    tab.set_viewport_size({"width": 390, "height": 844})
    try:
        tab.wait_for_function("document.documentElement.scrollWidth <= 390", timeout=3_000)
    except PlaywrightTimeout:
        faults.append(f"{path}: wider than a phone")
    tab.set_viewport_size({"width": 1280, "height": 900})
    links: list[str] = tab.eval_on_selector_all(
        "a[href^='/']", "links => links.map((each) => each.getAttribute('href').split('#')[0])"
    )
    return [link for link in links if link]


def find_wrong(tab: Page, card: dict[str, str]) -> Iterator[str]:
    """A card shows the rows that its file has, and says its counts as people read them."""
    if not card["address"]:
        return
    file = tab.request.get(card["address"])
    if file.status != 200:
        yield f"{card['address']}: {file.status}"
        return
    told = file.json()
    # A list on a page is one page of the file.
    if told["rows_digest"] != card["digest"] and len(told["rows"]) < 2:
        yield f"{card['address']}: other rows than on the page"
    for row in told["rows"]:
        if row.get("unit") == "count" and f"{row['value']:,}" not in card["text"]:
            yield f"{card['address']}: {row['name']} {row['value']:,} is not on the page"
