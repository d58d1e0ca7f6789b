"""How fast the collector makes events durable over HTTP, while the pipeline is idle."""

from __future__ import annotations

import asyncio
import itertools

from coursepulse.bench import limits
from coursepulse.bench.load import AnsweredRequest, drive
from coursepulse.bench.machine import ProcessTree
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.scratch import Scratch, enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies

SECONDS = 8.0


def run() -> BenchmarkReport:
    """Batches of 1,000 as fast as possible; single events at 3,000 requests/s and as fast as possible."""
    crowd = Crowd()
    validation = limits.validation(crowd)
    append = limits.append(crowd)
    with scratch_server("--collect-only") as scratch:
        enrol(scratch, crowd)
        lines = _batches(scratch, crowd, validation, append)
        lines += _singles(scratch, crowd, rate=3_000.0)
        lines += _singles(scratch, crowd, rate=None)
    return BenchmarkReport("door", lines)


def _batches(scratch: Scratch, crowd: Crowd, validation: float, append: float) -> list[Measurement]:
    size = 1_000
    requests = [
        scratch.target.post("/v1/events", body) for body in itertools.islice(bodies(crowd, size), 100)
    ]
    with ProcessTree(scratch.pid) as tree:
        sent = asyncio.run(
            drive(scratch.target, itertools.cycle(requests), connections=4, rate=None, seconds=SECONDS)
        )
    events = size * _accepted(sent)
    return [
        Measurement(
            "batches of 1,000: events/s durable",
            events / SECONDS,
            "events/s",
            f"validation only {validation:,.0f}; SQLite append only {append:,.0f}",
            "60,000",
        ),
        Measurement("batches of 1,000: p99", 1000 * percentile([one.latency for one in sent], 0.99), "ms"),
        Measurement("CPU per 100,000 events", 100_000 * tree.cpu_seconds / events, "s"),
        Measurement("peak memory of the process tree", tree.peak_memory / 2**20, "MiB"),
    ]


def _singles(scratch: Scratch, crowd: Crowd, rate: float | None) -> list[Measurement]:
    requests = (scratch.target.post("/v1/events", body[1:-1]) for body in bodies(crowd, 1))
    sent = asyncio.run(drive(scratch.target, requests, connections=32, rate=rate, seconds=SECONDS))
    name = f"single events at {rate:,.0f}/s" if rate else "single events, as fast as they go"
    latencies = [one.latency for one in sent]
    lines = [
        Measurement(
            f"{name}: requests/s", _accepted(sent) / SECONDS, "requests/s", target="3,000" if rate else ""
        )
    ]
    if rate:
        lines += [
            Measurement(f"{name}: p50", 1000 * percentile(latencies, 0.5), "ms"),
            Measurement(f"{name}: p99", 1000 * percentile(latencies, 0.99), "ms", target="50"),
        ]
    return lines


def _accepted(sent: list[AnsweredRequest]) -> int:
    return sum(one.status == 202 for one in sent)
