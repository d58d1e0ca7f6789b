"""The whole system: events over HTTP until everything is up to date, with two readers of dashboards."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections import Counter
from itertools import cycle
from typing import NamedTuple

import httpx

from coursepulse.bench import limits
from coursepulse.bench.load import AnsweredRequest, drive
from coursepulse.bench.machine import ProcessTree
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.scratch import Scratch, enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies

BATCH = 500
DUPLICATES = 0.01
RATE = 25_000.0
READERS = 2

#: Seconds between two page views of one reader.
READING = 0.5


class _Sample(NamedTuple):
    at: float
    lag: int


class _Watch:
    """Two readers and a lag meter, each in its own thread."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._stopping = threading.Event()
        self.samples: list[_Sample] = []
        self.reads: list[float] = []
        #: Failed answers by status.
        self.refusals: Counter[int] = Counter()
        work = [self._measure, *[self._read] * READERS]
        self._threads = [threading.Thread(target=each, daemon=True) for each in work]

    def __enter__(self) -> _Watch:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _measure(self) -> None:
        while not self._stopping.wait(1.0):
            self.samples.append(_Sample(time.monotonic(), lag(self._scratch)))

    def _read(self) -> None:
        pages = cycle(
            ["/v1/metrics/course_summary?course=course-1", "/v1/metrics/student_courses?student=student-1"]
        )
        with httpx.Client(
            base_url=self._scratch.server.url, headers=self._scratch.headers, timeout=60
        ) as http:
            while not self._stopping.wait(READING):
                began = time.monotonic()
                answer = http.get(next(pages))
                self.reads.append(time.monotonic() - began)
                if answer.is_error:
                    self.refusals[answer.status_code] += 1


def lag(scratch: Scratch) -> int:
    """Events in the log that no screen shows yet."""
    pipeline = scratch.health()["pipeline"]
    assert isinstance(pipeline, dict)  # noqa: S101 - our own answer
    return int(pipeline["lag"])


def run(minutes: float | None, students: int | None = None) -> BenchmarkReport:
    """Hold 25,000 events/s for ``minutes`` (one by default), then wait until everything is visible.

    :param students: number of senders, 25 per course; with more of them, fewer rows of a batch are written
        again by the next
    """
    seconds = 60 * (minutes or 1.0)
    crowd = Crowd(students, max(1, students // 25)) if students else Crowd()
    ceilings = [limits.copy_rows(crowd), limits.insert_events(crowd)]
    with scratch_server() as scratch:
        enrol(scratch, crowd)
        requests = (
            scratch.target.post("/v1/events", body) for body in bodies(crowd, BATCH, duplicates=DUPLICATES)
        )
        with ProcessTree(scratch.pid) as tree, _Watch(scratch) as watch:
            began = time.monotonic()
            sent = asyncio.run(
                drive(scratch.target, requests, connections=8, rate=RATE / BATCH, seconds=seconds)
            )
            stopped = time.monotonic()
            wait_until_visible(scratch)
            drained = time.monotonic()
        events = BATCH * sum(one.status == 202 for one in sent)
        return BenchmarkReport(
            "end-to-end",
            _throughput(events, stopped - began, drained - stopped, ceilings)
            + _lag(watch.samples, stopped)
            + _service(sent, watch)
            + _cost(scratch, tree, events),
        )


def wait_until_visible(scratch: Scratch) -> None:
    """Return when the pipeline has finished everything that was acknowledged."""
    while lag(scratch):
        time.sleep(0.1)


def _throughput(events: int, sending: float, draining: float, ceilings: list[float]) -> list[Measurement]:
    return [
        Measurement(
            "offered and acknowledged", events / sending, "events/s", target="25,000 held, 40,000 moonshot"
        ),
        Measurement(
            "visible, from first request to all caught up",
            events / (sending + draining),
            "events/s",
            f"PostgreSQL write only {ceilings[0]:,.0f}; ClickHouse insert only {ceilings[1]:,.0f}",
        ),
        Measurement("time to catch up after the last request", draining, "s"),
    ]


def _lag(samples: list[_Sample], stopped: float) -> list[Measurement]:
    while_sending = [sample.lag for sample in samples if sample.at < stopped]
    half = len(while_sending) // 2
    early, late = while_sending[half // 2 : half], while_sending[half:]
    return [
        Measurement("lag, median of the second quarter", statistics.median(early or [0]), "events"),
        Measurement(
            "lag, median of the second half", statistics.median(late or [0]), "events", target="not growing"
        ),
        Measurement("lag, most", max(while_sending, default=0), "events"),
    ]


def _service(sent: list[AnsweredRequest], watch: _Watch) -> list[Measurement]:
    refused = ", ".join(f"{count} with {status}" for status, count in watch.refusals.items())
    return [
        Measurement("collector p99 meanwhile", 1000 * percentile([one.latency for one in sent], 0.99), "ms"),
        Measurement("dashboard numbers p95 meanwhile", 1000 * percentile(watch.reads, 0.95), "ms"),
        Measurement("dashboard numbers refused", watch.refusals.total(), "answers", refused),
    ]


def _cost(scratch: Scratch, tree: ProcessTree, events: int) -> list[Measurement]:
    return [
        Measurement("CPU per 100,000 events", 100_000 * tree.cpu_seconds / events, "s"),
        Measurement("peak memory of the process tree", tree.peak_memory / 2**20, "MiB", target="1,536"),
        Measurement(
            "PostgreSQL bytes per event, WAL apart", _bytes(scratch, "postgres/**/base") / events, "B"
        ),
        Measurement(
            "ClickHouse bytes per event, rollups included", _bytes(scratch, "clickhouse") / events, "B"
        ),
    ]


def _bytes(scratch: Scratch, folder: str) -> int:
    root = next(scratch.data.glob(folder))
    return sum(file.stat().st_size for file in root.rglob("*") if file.is_file())
