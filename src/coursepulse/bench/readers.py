"""Many readers of one large course, while it is being written to: how soon each card has its numbers."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter

import httpx

from coursepulse.bench.load import connect, drive
from coursepulse.bench.queries import COURSE_LISTS, COURSE_PAGE
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.scratch import Scratch, enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies

#: Everybody in one course.
CROWD = Crowd(5_000, 1)

READERS = 20
RATE, BATCH = 2_500.0, 100

#: Seconds of traffic before anybody reads, and with readers.
BEFORE, SECONDS = 30.0, 60.0

#: Seconds between two looks of one reader at the whole page: open pages ask again about once a second.
READING = 1.0

_CARDS = (*COURSE_PAGE, *COURSE_LISTS)


def run() -> BenchmarkReport:
    """The p95 of each card for 20 readers at 2,500 events/s, beside the same without the result cache."""
    with scratch_server(cache_mb=0) as scratch:
        without = asyncio.run(_Reading(scratch).run())
    with scratch_server() as scratch:
        reading = _Reading(scratch)
        cached = asyncio.run(reading.run())
        answers = _outcomes(scratch)
    lines = [
        Measurement(
            f"{card}, p95 of {READERS} readers",
            1000 * percentile(cached[card], 0.95),
            "ms",
            f"median {1000 * percentile(cached[card], 0.5):.0f} ms, {len(cached[card])} answers; "
            f"without the cache {1000 * percentile(without[card], 0.95):.0f} ms",
            "100",
        )
        for card in _CARDS
    ]
    told = sum(answers.values())
    shared = 100 * (told - answers["made"]) / told if told else 0.0
    lines.append(Measurement("answers that were made for somebody else", shared, "%"))
    lines.append(Measurement("answers refused", reading.refused, ""))
    return BenchmarkReport("readers", lines)


def _outcomes(scratch: Scratch) -> Counter[str]:
    """What the result cache did."""
    key = _make_key(scratch, "watcher", "monitor")
    page = httpx.get(f"{scratch.server.url}/metrics", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    counts: Counter[str] = Counter()
    for line in page.raise_for_status().text.splitlines():
        if line.startswith("coursepulse_cache_answers_total{"):
            counts[line.split('"')[1]] += int(float(line.rsplit(" ", 1)[1]))
    return counts


def _make_key(scratch: Scratch, name: str, scope: str) -> str:
    wish = {"name": name, "scopes": [scope]}
    answer = httpx.post(f"{scratch.server.url}/v1/keys", json=wish, headers=scratch.headers, timeout=30)
    return str(answer.raise_for_status().json()["secret"])


class _Reading:
    """Traffic, and readers with a key each: to the server they are as many viewers, with the same rights."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        enrol(scratch, CROWD)
        self._keys = [_make_key(scratch, f"reader-{number}", "read") for number in range(READERS)]
        self._taken: dict[str, list[float]] = {card: [] for card in _CARDS}
        self.refused = 0

    async def run(self) -> dict[str, list[float]]:
        """Seconds of each answer, by card."""
        target = self._scratch.target
        requests = (target.post("/v1/events", body) for body in bodies(CROWD, BATCH))
        sending = drive(target, requests, connections=4, rate=RATE / BATCH, seconds=BEFORE + SECONDS)
        await asyncio.gather(sending, *(self._read(key) for key in self._keys))
        return self._taken

    async def _read(self, key: str) -> None:
        target = self._scratch.target._replace(key=key)
        await asyncio.sleep(BEFORE + random.random() * READING)  # noqa: S311 - spread, not secrecy
        connection, ends = await connect(target), time.monotonic() + SECONDS
        while (began := time.monotonic()) < ends:
            for card in _CARDS:
                asked = time.monotonic()
                status = await connection.ask(target.get(_path(card)))
                self._taken[card].append(time.monotonic() - asked)
                self.refused += status != 200
            await asyncio.sleep(max(0.0, READING - (time.monotonic() - began)))
        connection.close()


def _path(card: str) -> str:
    limit = "&limit=50" if card in COURSE_LISTS else ""
    return f"/v1/metrics/{card}?course=course-0{limit}"
