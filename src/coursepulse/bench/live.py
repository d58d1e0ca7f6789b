"""Open pages: how soon an alert reaches one, and what a thousand of them cost the collector."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime

import httpx

from coursepulse.bench.end_to_end import wait_until_visible
from coursepulse.bench.listeners import follow, listeners
from coursepulse.bench.load import drive
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.scratch import Scratch, agree, enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.kit.errors import CoursepulseError

RATE, BATCH, DASHBOARDS = 2_500.0, 100, 200
PROBE = "live-probe"

#: Alerts that are measured, alone and beside the load, and seconds between two: a page is told once a second.
ALONE, PROBES, EVERY = 20, 80, 1.1

#: Seconds after which an alert is lost.
PATIENCE = 120.0

#: Open streams beside the collector, pairs of rounds with and without them, and seconds of a round.
STREAMS, PAIRS, ROUND = 1_000, 4, 5.0

#: Requests of a round, more than can be answered in it.
MOST = 600


def run() -> BenchmarkReport:
    """Alerts alone, then at 2,500 events/s with 200 dashboards; then the collector with and without 1,000 streams."""
    crowd = Crowd()
    with scratch_server() as scratch:
        enrol(scratch, crowd)
        agree(scratch, PROBE)
        return BenchmarkReport("live", [*_alerts(scratch, crowd), *_collector(scratch, crowd)])


def _alerts(scratch: Scratch, crowd: Crowd) -> list[Measurement]:
    with _OpenPageProbes(scratch, "alone") as probes:
        alone = probes.measure(ALONE)
    with (
        _dashboards(scratch, crowd) as reads,
        _traffic(scratch, crowd),
        _OpenPageProbes(scratch, "busy") as probes,
    ):
        busy = probes.measure(PROBES)
    limit = f"nothing else going on: {percentile(alone, 0.5):.2f} s, at most {max(alone):.2f} s"
    return [
        Measurement("POST to alert on an open page, p50", percentile(busy, 0.5), "s", limit, "0.3"),
        Measurement("POST to alert on an open page, p99", percentile(busy, 0.99), "s", limit, "1.0"),
        Measurement("alerts", len(busy), "alerts"),
        Measurement("cards that the dashboards asked for meanwhile", len(reads), "cards"),
        Measurement("cards meanwhile, p95", percentile(reads, 0.95), "s"),
    ]


class _OpenPageProbes:
    """Hands in three failed quizzes at a time, and listens on one open page for the alert."""

    def __init__(self, scratch: Scratch, name: str) -> None:
        self._scratch, self._name = scratch, name
        self._told = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> _OpenPageProbes:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        _cancel_all(self._loop, self._thread)

    def _listen(self) -> None:
        _run(self._loop, follow(self._scratch.target, f"course:{PROBE}", self._hear))

    def _hear(self, changed: list[str]) -> None:
        if "alerts" in changed:
            self._told.set()

    def measure(self, alerts: int) -> list[float]:
        """Seconds from the request with the last event of each alert until the page is told."""
        delays = []
        with httpx.Client(
            base_url=self._scratch.server.url, headers=self._scratch.headers, timeout=60
        ) as http:
            for number in range(alerts):
                began = time.monotonic()
                http.post("/v1/events", json=self._fail(number, 2)).raise_for_status()
                time.sleep(max(0.0, began + EVERY - time.monotonic()))
                self._told.clear()
                began = time.monotonic()
                http.post("/v1/events", json=self._fail(number, 1)).raise_for_status()
                if not self._told.wait(PATIENCE):
                    raise CoursepulseError(f"No alert reached the page for {PATIENCE:.0f} s.")
                delays.append(time.monotonic() - began)
        return delays

    def _fail(self, number: int, times: int) -> list[dict[str, object]]:
        """Failed attempts at one quiz; the third raises the alert."""
        quiz = f"{self._name}-{number}"
        return [
            {
                "event_id": f"{PROBE}-{quiz}-{times}-{attempt}",
                "event_type": "quiz_submit",
                "timestamp": datetime.now(UTC).isoformat(),
                "student_id": PROBE,
                "session_id": f"{PROBE}-{self._name}",
                "context": {"course_id": PROBE, "assessment_id": quiz},
                "payload": {"score": 1, "max_score": 10, "passed": False},
            }
            for attempt in range(times)
        ]


@contextmanager
def _traffic(scratch: Scratch, crowd: Crowd) -> Iterator[None]:
    """2,500 events/s until the block ends."""
    stopping = threading.Event()
    going_on = itertools.takewhile(lambda _: not stopping.is_set(), bodies(crowd, BATCH, seed=17))
    requests = (scratch.target.post("/v1/events", body) for body in going_on)
    thread = threading.Thread(
        target=lambda: asyncio.run(
            drive(scratch.target, requests, connections=8, rate=RATE / BATCH, seconds=3600)
        )
    )
    thread.start()
    try:
        time.sleep(5)
        yield
    finally:
        stopping.set()
        thread.join()


@contextmanager
def _dashboards(scratch: Scratch, crowd: Crowd) -> Iterator[list[float]]:
    """200 open pages of courses, each of which asks for a card when it is told, as the script of the pages does."""
    reads: list[float] = []
    loop = asyncio.new_event_loop()
    pages = [_Dashboard(scratch, f"course-{number % crowd.courses}", reads) for number in range(DASHBOARDS)]
    thread = threading.Thread(target=_run, args=(loop, _stay(pages)), daemon=True)
    thread.start()
    try:
        yield reads
    finally:
        _cancel_all(loop, thread)


async def _stay(pages: list[_Dashboard]) -> None:
    await asyncio.gather(*(page.stay() for page in pages))


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[None, None, None]) -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(work)
    loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """End what runs in the loop of another thread."""

    def cancel() -> None:
        for task in asyncio.all_tasks(loop):
            task.cancel()

    loop.call_soon_threadsafe(cancel)
    thread.join()


class _Dashboard:
    """Asks for a card at most once a second, and pauses three times as long as the last answer took."""

    def __init__(self, scratch: Scratch, course: str, reads: list[float]) -> None:
        self._scratch, self._course, self._reads = scratch, course, reads
        self._stale = asyncio.Event()

    async def stay(self) -> None:
        """Stay open until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(follow(self._scratch.target, f"course:{self._course}", self._hear))
            tasks.create_task(self._read())

    def _hear(self, changed: list[str]) -> None:
        if f"course:{self._course}" in changed:
            self._stale.set()

    async def _read(self) -> None:
        path = f"/v1/metrics/course_summary?course={self._course}"
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(
            base_url=self._scratch.server.url, headers=self._scratch.headers, timeout=60, limits=limits
        ) as http:
            while True:
                await self._stale.wait()
                self._stale.clear()
                began = time.monotonic()
                # The server may close a connection that has been idle at the moment in which it is used again.
                with suppress(httpx.TransportError):
                    await http.get(path)
                took = time.monotonic() - began
                self._reads.append(took)
                await asyncio.sleep(min(10.0, max(1.0, 3 * took)))


def _collector(scratch: Scratch, crowd: Crowd) -> list[Measurement]:
    """Rounds with and without streams in turn, in changing order: some minutes of a machine are slower than others."""
    rounds: dict[bool, list[float]] = {False: [], True: []}
    endless = bodies(crowd, 1_000, seed=5)
    _round(scratch, endless)
    for number in range(2 * PAIRS):
        beside = number % 4 in (1, 2)
        with ExitStack() as stack:
            if beside:
                watched = [f"course:course-{each % crowd.courses}" for each in range(STREAMS)]
                stack.enter_context(listeners(scratch.target, watched))
            rounds[beside].append(_round(scratch, endless))
        wait_until_visible(scratch)
    ratios = [1 - beside / alone for alone, beside in zip(rounds[False], rounds[True], strict=True)]
    return [
        Measurement(
            f"collector beside {STREAMS:,} open streams",
            statistics.median(rounds[True]),
            "events/s",
            f"without any: {statistics.median(rounds[False]):,.0f}",
        ),
        Measurement("slower by, median of the pairs", 100 * statistics.median(ratios), "%", target="10"),
    ]


def _round(scratch: Scratch, endless: Iterator[bytes]) -> float:
    """Events/s taken in. New ones each time: of events that it knows already no page is told."""
    ready = [scratch.target.post("/v1/events", body) for body in itertools.islice(endless, MOST)]
    began = time.monotonic()
    sent = asyncio.run(drive(scratch.target, iter(ready), connections=4, rate=None, seconds=ROUND))
    return 1_000 * sum(one.status == 202 for one in sent) / (max(one.answered for one in sent) - began)
