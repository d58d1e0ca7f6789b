"""What one batch of the pipeline costs on a day that holds 1 million events, and on one that holds 20 million."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.rollups import Rollups
from coursepulse.bench.filled import SQL, Shape, fill, remove
from coursepulse.bench.result import BenchmarkReport, Measurement
from coursepulse.events.event import Event
from coursepulse.kit.clock import SECOND, Micros, to_micros

DAY = date(2026, 3, 10)

#: Fresh events of one batch, from this many active students.
FRESH = 10_000
ACTIVE = 5_000
BATCHES, WARM_UP = 15, 5

SMALL, LARGE = 1_000_000, 20_000_000

#: Share of the day that has passed: evening.
_FILLED = 0.8


def run() -> BenchmarkReport:
    """Each size in a separate process, because an engine can open only one database."""
    small, large = (_measure_apart(events) for events in (SMALL, LARGE))
    return BenchmarkReport(
        "growth",
        [
            Measurement(f"batch of {FRESH:,} events on a day of {SMALL:,}", small, "ms"),
            Measurement(f"batch of {FRESH:,} events on a day of {LARGE:,}", large, "ms"),
            Measurement("ratio", large / small, "x", "a plain recompute: 19", "2"),
        ],
    )


def _measure_apart(events: int) -> float:
    code = f"from coursepulse.bench.growth import measure; print(measure({events}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.splitlines()[-1])


def measure(events: int) -> float:
    """Median milliseconds of a batch on a day with that many events."""
    client, folder = fill(Shape(events, 100_000, DAY, 1, _FILLED))
    rollups = Rollups(client)
    taken = []
    for version, batch in enumerate(_batches(client), start=2):
        began = time.perf_counter()
        rollups.refresh(batch, version)
        taken.append(1000 * (time.perf_counter() - began))
    remove(folder)
    return statistics.median(taken[WARM_UP:])


def _batches(client: Client) -> Iterator[list[Event]]:
    """Further events of the most recently active students: two each per batch."""
    now = to_micros(datetime(DAY.year, DAY.month, DAY.day, int(24 * _FILLED), tzinfo=UTC))
    values = {"day": DAY, "until": "2026-03-11 00:00:00", "sessions": ACTIVE}
    rows = client.query(SQL["list_sessions"], parameters=values, tz_mode="aware").result_rows
    rng = random.Random(1)  # noqa: S311 - traffic, not secrecy
    for nth in range(BATCHES):
        yield [
            _event(rng, row, max(now, to_micros(row[3])) + (nth * 20 + 10 * half) * SECOND)
            for row in rows
            for half in range(FRESH // ACTIVE)
        ]


def _event(rng: random.Random, row: Sequence[Any], at: Micros) -> Event:
    student, session, course, _ = row
    at += rng.randrange(10 * SECOND)
    event_id = (at // 1000).to_bytes(6, "big") + rng.randbytes(10)
    return Event(
        event_id,
        "video_progress",
        at,
        student.bytes,
        session.bytes,
        str(course),
        "lesson-7",
        f"{course}-lesson-7-video",
        position=rng.random() * 600,
        duration=600.0,
    )
