"""From POST to visible: how long until the metrics API shows an event under load."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import msgspec

from coursepulse.bench.load import drive
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.scratch import Scratch, agree, enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.kit.errors import CoursepulseError

SECONDS = 30.0
BATCH = 100
PROBE = "freshness-probe"

#: Seconds between two probes, and between two polls: a figure may be late by one poll.
EVERY, LOOK = 0.1, 0.1

#: Seconds without a counted probe after which the run has failed.
PATIENCE = 60.0


def run() -> BenchmarkReport:
    """At 2,500 and at 15,000 events/s beside the probe."""
    crowd = Crowd()
    with scratch_server() as scratch:
        enrol(scratch, crowd)
        agree(scratch, PROBE)
        lines = [*_at(scratch, crowd, 2_500.0), *_at(scratch, crowd, 15_000.0)]
    return BenchmarkReport("freshness", lines)


def _at(scratch: Scratch, crowd: Crowd, rate: float) -> list[Measurement]:
    requests = (scratch.target.post("/v1/events", body) for body in bodies(crowd, BATCH, seed=int(rate)))
    with Probes(scratch, f"{PROBE}-{rate:.0f}") as probes:
        sent = asyncio.run(drive(scratch.target, requests, connections=8, rate=rate / BATCH, seconds=SECONDS))
    name = f"at {rate:,.0f} events/s"
    targets = {0.99: "1.0"} if rate < 10_000 else {0.95: "1.0"}
    lines = [
        Measurement(f"{name}: acknowledged", BATCH * sum(s.status == 202 for s in sent) / SECONDS, "events/s")
    ]
    return lines + [
        Measurement(
            f"{name}: visible, p{share * 100:.0f}",
            percentile(probes.delays, share),
            "s",
            f"{len(probes.delays)} probes",
            targets.get(share, ""),
        )
        for share in (0.5, 0.95, 0.99)
    ]


class Probes:
    """Sends an event at a fixed interval, however long the last one takes, and polls until each is counted.

    :param course: of the probes alone; :data:`PROBE` must have agreed
    """

    def __init__(self, scratch: Scratch, course: str) -> None:
        self._scratch, self._course = scratch, course
        self._stopping = threading.Event()
        self._due: list[float] = []
        #: Seconds from the due time of each event until the metrics API counted it.
        self.delays: list[float] = []
        self._threads = ThreadPoolExecutor(2)

    def __enter__(self) -> Probes:
        self._work = [self._threads.submit(work) for work in (self._send, self._look)]
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for work in self._work:
            work.result()

    def _send(self) -> None:
        began = time.monotonic()
        with self._connect() as http:
            while not self._stopping.is_set():
                due = began + len(self._due) * EVERY
                time.sleep(max(0.0, due - time.monotonic()))
                self._due.append(due)
                http.post("/v1/events", json=_event(self._course, len(self._due))).raise_for_status()

    def _look(self) -> None:
        seen = time.monotonic()
        with self._connect() as http:
            while not self._stopping.is_set() or len(self.delays) < len(self._due):
                counted, now = _clicks(http, self._course), time.monotonic()
                if late := [now - due for due in self._due[len(self.delays) : counted]]:
                    self.delays += late
                    seen = now
                if now - seen > PATIENCE:
                    raise CoursepulseError(f"No probe was counted for {PATIENCE:.0f} s.")
                time.sleep(LOOK)

    def _connect(self) -> httpx.Client:
        return httpx.Client(base_url=self._scratch.server.url, headers=self._scratch.headers, timeout=60)


def _event(course: str, number: int) -> dict[str, object]:
    return {
        "event_id": f"{course}-{number}",
        "event_type": "lesson_complete",
        "timestamp": datetime.now(UTC).isoformat(),
        "student_id": PROBE,
        "session_id": f"{course}-{number // 20}",
        "context": {"course_id": course, "lesson_id": "one"},
    }


def _clicks(http: httpx.Client, course: str) -> int:
    answer = http.get("/v1/metrics/clicks", params={"course": course}).raise_for_status()
    rows = msgspec.json.decode(answer.content)["rows"]
    return int(rows[0]["clicks"]) if rows else 0
