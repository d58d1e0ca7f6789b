"""How soon dashboards open on a large campus, with 20 people looking around while events come in."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from coursepulse.bench.campus import fill_for_readers_apart
from coursepulse.bench.filled import Shape
from coursepulse.bench.load import Target, drive
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.client.local_server import Server, started
from coursepulse.kit.clock import system_clock, utc_date
from coursepulse.kit.settings import Settings

#: Two sizes of the same campus: ten times the events may cost half as much again.
SMALL, LARGE = 5_000_000, 50_000_000
STUDENTS, COURSES, DAYS = 100_000, 10_000, 28

#: Each person opens a page every so many seconds; so long before anything counts, and so long after that.
PAUSE, BEFORE, SECONDS = 5.0, 20.0, 120.0

#: Events per second meanwhile, of the 5,000 students of the large course.
RATE, BATCH = 500.0, 50

#: Seconds after which a page is an error, and not only slow.
_PATIENCE = 300.0

_PASSWORD = "the password of a benchmark"  # noqa: S105 - of a server that ends with the benchmark
_BIG, _VIDEO = "/courses/course-0", "/courses/course-0/videos/course-0-lesson-1-video"

#: The first course that a student's own page leads to.
_OWN = "one of their courses"

#: What somebody of each role looks at, in turn.
_PAGES: Mapping[str, Sequence[str]] = {
    "student": ("/", _OWN),
    "instructor": ("/", _BIG, _VIDEO, _BIG),
    "manager": ("/",),
    "admin": ("/",),
}

#: 20 people: their login names, by role.
_PEOPLE: Mapping[str, Sequence[str]] = {
    "student": [f"student-{number}" for number in range(0, 120, 10)],
    "instructor": [f"teacher-{number}" for number in range(5)],
    "manager": ["leader"],
    "admin": ["admin-0", "admin-1"],
}

_CARD = re.compile(r'hx-get="(/cards/(\w+)[^"]*)"')
_LEARNS = re.compile(r'href="(/courses/[^"/]+/students/[^"/]+)"')
_PART = re.compile(r'"(/static/[^"]+\.(?:css|js)[^"]*)"')


class Times(NamedTuple):
    """Seconds until pages and cards had arrived, by what they are."""

    pages: dict[str, list[float]]
    cards: dict[str, list[float]]

    @classmethod
    def none(cls) -> Times:
        """Nothing has been looked at."""
        return cls(defaultdict(list), defaultdict(list))


class Looked(NamedTuple):
    """What one campus showed.

    :param weights: bytes of each page with its styles and scripts, as they are sent
    """

    times: Times
    weights: dict[str, int]


def run() -> BenchmarkReport:
    """p95 of pages and cards at both sizes, the ratio of their medians, and what a page weighs."""
    small, large = (_look(events) for events in (SMALL, LARGE))
    return BenchmarkReport(
        "dashboards",
        [
            *_lines(small.times.pages, large.times.pages, "page", "250"),
            *_lines(small.times.cards, large.times.cards, "card", "100"),
            *(
                Measurement(f"page {name}, first visit", size / 1024, "KiB", target="400")
                for name, size in large.weights.items()
            ),
        ],
    )


def _lines(
    small: dict[str, list[float]], large: dict[str, list[float]], what: str, target: str
) -> Iterator[Measurement]:
    for name in sorted(large):
        few, many = ([1000 * each for each in times] for times in (small[name], large[name]))
        growth = percentile(many, 0.5) / percentile(few, 0.5)
        yield Measurement(
            f"{what} {name}, p95",
            percentile(many, 0.95),
            "ms",
            f"median {percentile(many, 0.5):.0f} ms of {len(many)}; with a tenth of the events "
            f"p95 {percentile(few, 0.95):.0f} ms, median {growth:.1f}x",
            target,
        )


def _look(events: int) -> Looked:
    day = utc_date(system_clock()) - timedelta(days=DAYS)
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data=Path(folder), visits_per_minute=0)
        with started(settings) as server:
            _open_accounts(server)
        fill_for_readers_apart(settings.data, Shape(events, STUDENTS, day, DAYS, courses=COURSES))
        with started(settings) as server:
            times = asyncio.run(_look_around(server))
            return Looked(times, _weigh(server))


def _open_accounts(server: Server) -> None:
    """Everybody who is going to look, and what ties them to courses and a team."""
    everybody = [name for names in _PEOPLE.values() for name in names]
    teachers = _PEOPLE["instructor"]
    roster: dict[str, list[dict[str, Any]]] = {
        "organisations": [{"organisation_id": "bench"}],
        "people": [{"external_id": f"person {name}", "organisation_id": "bench"} for name in everybody],
        "courses": [{"course_id": f"course-{number}"} for number in range(len(teachers))],
        "teaching": [
            {"course_id": course, "external_id": f"person {name}"}
            for number, name in enumerate(teachers)
            for course in {"course-0", f"course-{number}"}
        ],
        "teams": [{"team_id": "bench", "organisation_id": "bench", "managers": ["person leader"]}],
    }
    headers = {"Authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
        for part, rows in roster.items():
            http.put(f"/v1/roster/{part}", json=rows).raise_for_status()
        for role, names in _PEOPLE.items():
            for name in names:
                account = {"login_name": name, "role": role, "password": _PASSWORD}
                if role != "admin":
                    account |= {"person": f"person {name}", "reason": "A reader of a benchmark."}
                http.post("/v1/accounts", json=account).raise_for_status()


async def _look_around(server: Server) -> Times:
    target, times = Target.parse(server.url, server.key), Times.none()
    requests = (target.post("/v1/events", body) for body in bodies(Crowd(5_000, 1), BATCH))
    people = [(role, name) for role, names in _PEOPLE.items() for name in names]
    # One after the other: checking a password is slow by design.
    signed_in = [await _sign_in(server, name) for _, name in people]
    sending = drive(target, requests, connections=2, rate=RATE / BATCH, seconds=BEFORE + SECONDS)
    visits = (_visit(http, role, times) for http, (role, _) in zip(signed_in, people, strict=True))
    await asyncio.gather(sending, *visits)
    return times


async def _visit(http: httpx.AsyncClient, role: str, times: Times) -> None:
    """Look at one page after the other, and each time at one of its cards alone."""
    began = time.monotonic()
    async with aclosing(http):
        # Spread over the pause, so that not everybody asks at once.
        await asyncio.sleep(random.random() * PAUSE)  # noqa: S311 - spread, not secrecy
        addresses = [await _find(http, path) for path in _PAGES[role]]
        for number, (path, address) in enumerate(itertools.cycle(zip(_PAGES[role], addresses, strict=True))):
            asked = time.monotonic()
            if asked - began >= BEFORE + SECONDS:
                return
            html = (await http.get(address)).raise_for_status().text
            arrived = time.monotonic()
            cards = _CARD.findall(html)
            part, card = cards[number % len(cards)]
            (await http.get(unescape(part))).raise_for_status()
            if asked - began >= BEFORE:
                times.pages[f"{role} {path}"].append(arrived - asked)
                times.cards[card].append(time.monotonic() - arrived)
            await asyncio.sleep(max(0.0, PAUSE - (time.monotonic() - asked)))


async def _find(http: httpx.AsyncClient, path: str) -> str:
    if path != _OWN:
        return path
    found = _LEARNS.search((await http.get("/")).raise_for_status().text)
    return unescape(found[1]) if found else "/"


async def _sign_in(server: Server, name: str) -> httpx.AsyncClient:
    headers = {"Accept": "text/html", "Origin": server.url}
    http = httpx.AsyncClient(base_url=server.url, headers=headers, timeout=_PATIENCE)
    html = (await http.get("/sign-in")).raise_for_status().text
    [token] = re.findall(r'name="form_token" value="(\w+)"', html)
    form = {"form_token": token, "login_name": name, "password": _PASSWORD, "next": ""}
    answer = await http.post("/sign-in", data=form)
    if answer.status_code != httpx.codes.SEE_OTHER:
        answer.raise_for_status()
    return http


def _weigh(server: Server) -> dict[str, int]:
    """Bytes on the wire of each page, with everything that it links to."""
    return {
        f"{role} {path}": asyncio.run(_weigh_page(server, _PEOPLE[role][0], path))
        for role, paths in _PAGES.items()
        for path in dict.fromkeys(paths)
    }


async def _weigh_page(server: Server, name: str, path: str) -> int:
    async with aclosing(await _sign_in(server, name)) as http:
        page = (await http.get(await _find(http, path))).raise_for_status()
        parts = [await http.get(part) for part in set(_PART.findall(page.text))]
        return sum(answer.num_bytes_downloaded for answer in (page, *parts))
