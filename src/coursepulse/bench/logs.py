"""The event log in SQLite and in Kafka, side by side: the same events appended and read back."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from coursepulse.bench.broker import HOME, Broker
from coursepulse.bench.limits import canonical
from coursepulse.bench.result import BenchmarkReport, Measurement
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.events.event import Event
from coursepulse.kit.settings import Settings
from coursepulse.log import open_log
from coursepulse.log.port import EventLog
from coursepulse.log.positions import start

BATCHES, SIZE, TOGETHER = 200, 1_000, 4
EVENTS = BATCHES * SIZE
READ_AT_ONCE = 80_000


def run() -> BenchmarkReport:
    """Batches of 1,000, four on their way at a time, and the whole log read back. Without a Kafka, SQLite alone."""
    batches = [canonical(body) for body in itertools.islice(bodies(Crowd(), SIZE), BATCHES)]
    lines = _measure_sqlite(batches)
    if (HOME / "libs").is_dir():
        lines += _measure_kafka(batches, lines)
    return BenchmarkReport("logs", lines)


def _measure_sqlite(batches: list[list[Event]]) -> list[Measurement]:
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-") as folder:
        log = open_log(f"sqlite://{folder}/log.sqlite")
        return _measure("SQLite", log, batches, [os.getpid()], lambda: _size(Path(folder), "log.sqlite*"))


def _measure_kafka(batches: list[list[Event]], sqlite: list[Measurement]) -> list[Measurement]:
    with _broker() as (broker, folder):
        log = open_log(f"kafka://{broker.servers}/bench", settings=Settings(kafka_replication=1))
        # The just-in-time compiler of a new broker has to learn first.
        _append(log, batches[:20])
        kept = _size(folder, "data/bench-*/*.log")
        pids = [os.getpid(), broker.pid]
        lines = _measure(
            "Kafka", log, batches, pids, lambda: _size(folder, "data/bench-*/*.log") - kept, skip=20 * SIZE
        )
    return [
        Measurement(line.name, line.value, line.unit, f"SQLite {other.value:,.4g} {other.unit}")
        for line, other in zip(lines, sqlite, strict=True)
    ]


@contextmanager
def _broker() -> Iterator[tuple[Broker, Path]]:
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-", ignore_cleanup_errors=True) as folder:
        broker = Broker(Path(folder))
        broker.start()
        try:
            yield broker, Path(folder)
        finally:
            broker.stop()


def _measure(
    name: str,
    log: EventLog,
    batches: list[list[Event]],
    pids: list[int],
    size: Callable[[], int],
    skip: int = 0,
) -> list[Measurement]:
    """:param skip: events in the log already"""
    appending, append_cpu = _timed(pids, lambda: _append(log, batches))
    reading, read_cpu = _timed(pids, lambda: _read(log, EVENTS + skip))
    stored = size() / EVENTS
    log.close()
    return [
        Measurement(f"{name}: events/s appended", EVENTS / appending, "events/s"),
        Measurement(f"{name}: CPU per 100,000 events appended", 100_000 * append_cpu / EVENTS, "s"),
        Measurement(f"{name}: events/s read", (EVENTS + skip) / reading, "events/s"),
        Measurement(f"{name}: CPU per 100,000 events read", 100_000 * read_cpu / (EVENTS + skip), "s"),
        Measurement(f"{name}: bytes per event on disk", stored, "bytes"),
    ]


def _append(log: EventLog, batches: list[list[Event]]) -> None:
    for first in range(0, len(batches), TOGETHER):
        for done in [log.append(batch) for batch in batches[first : first + TOGETHER]]:
            done.result()


def _read(log: EventLog, events: int) -> None:
    after, found = start(), 0
    while found < events:
        blocks = log.read(after, READ_AT_ONCE)
        after = blocks[-1].position
        found += sum(len(block.events) for block in blocks)


def _timed(pids: list[int], work: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock, and seconds of processors in all these processes."""
    began, before = time.monotonic(), _cpu(pids)
    work()
    return time.monotonic() - began, _cpu(pids) - before


def _cpu(pids: list[int]) -> float:
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(each.user + each.system for each in times)


def _size(folder: Path, pattern: str) -> int:
    return sum(file.stat().st_size for file in folder.glob(pattern))
