"""Pictures of the demo for docs/screenshots: ``make screenshots`` makes them anew.

Starts a small demo of its own, signs in as each role, and takes one picture a page.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"

#: Students, courses and days of the campus, and seconds to wait for it.
CAMPUS, PATIENCE = ("--students", "400", "--courses", "20", "--days", "60", "--rate", "5"), 600


class Shot(NamedTuple):
    """One picture.

    :param link: what to follow from the first page, as a CSS selector; empty for the first page itself
    :param part: what to begin the picture with, as a CSS selector; empty for the top of the page
    """

    name: str
    role: str
    link: str = ""
    part: str = ""
    width: int = 1280
    height: int = 860
    scheme: str = "light"
    language: str = "en"


COURSE = "main a[href^='/courses/']:not([href*='/students/'])"

#: Begin with a card, below the menu that stays on top.
_SHOW = "part => { document.querySelector(part).scrollIntoView(); window.scrollBy(0, -70); }"

SHOTS = (
    Shot("student", "student"),
    Shot("student-dark", "student", scheme="dark"),
    Shot("student-phone", "student", width=390, height=844),
    Shot("instructor", "instructor"),
    Shot("course", "instructor", COURSE),
    Shot("risk", "instructor", COURSE, part="[id^='card-course_risk']"),
    Shot("manager", "manager"),
    Shot("admin", "admin"),
    Shot("german", "instructor", language="de"),
    Shot("arabic", "student", language="ar"),
)


@contextmanager
def demo(data: Path) -> Iterator[str]:
    """The address of a demo whose campus is loaded."""
    command = [sys.executable, "-m", "coursepulse", "demo", "--data", str(data), "--port", "0", *CAMPUS]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while not _is_loaded(data):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The demo did not load its campus.")
            time.sleep(1)
        # The numbers of learners follow the events.
        time.sleep(30)
        yield json.loads((data / "server.json").read_text())["url"]
    finally:
        process.terminate()
        process.wait()


def _is_loaded(data: Path) -> bool:
    about = data / "demo.json"
    return about.exists() and bool(json.loads(about.read_text() or "{}").get("loaded"))


def take(browser: Browser, url: str, shot: Shot) -> None:
    """Sign in, go to the page and keep what a screen shows of it."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        reduced_motion="reduce",
        locale=shot.language,
        timezone_id="Europe/Berlin",
    )
    tab = context.new_page()
    tab.goto("/sign-in")
    tab.click(f"#demo-{shot.role}")
    tab.wait_for_load_state()
    if shot.link:
        tab.goto(tab.get_attribute(shot.link, "href") or "/")
    _settle(tab)
    if shot.part:
        tab.evaluate(_SHOW, shot.part)
    tab.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()


def _settle(tab: Page) -> None:
    # Charts are drawn, and what comes after the page is there. A page that forbids eval cannot be asked by a function.
    for waits in ("[data-option]:not([data-drawn])", "[hx-trigger^='load']", ".htmx-request, .htmx-settling"):
        expect(tab.locator(waits)).to_have_count(0, timeout=30_000)
    tab.wait_for_timeout(500)


def main() -> None:
    """Take every picture."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="coursepulse-screenshots-") as folder,
        demo(Path(folder) / "demo") as url,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for shot in SHOTS:
            take(browser, url, shot)
        browser.close()


if __name__ == "__main__":
    main()
