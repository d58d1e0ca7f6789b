"""What one event costs each part of an installation: the figures that ``coursepulse plan`` calculates with."""

from __future__ import annotations

import asyncio
import platform
import threading
from collections import defaultdict
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

import psutil

from coursepulse.bench import processors
from coursepulse.bench.end_to_end import wait_until_visible
from coursepulse.bench.limits import canonical
from coursepulse.bench.load import drive
from coursepulse.bench.machine import ProcessTree
from coursepulse.bench.result import BenchmarkReport, Measurement
from coursepulse.bench.scratch import enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.log.blocks import pack_block
from coursepulse.sizing.costs import Basis, UnitCost

#: Students at work, and events a second: what two cores carry while something else runs.
_CROWD, _RATE, _SECONDS = Crowd(25_000, 1_000), 5_000.0, 60.0
_BATCH = 1_000
_PER = 100_000

_COMMAND = "coursepulse bench unit-costs"

#: Names of threads that are not the engine's: the interpreter's, and those of the library for columns.
_OURS = ("python", "coursepulse", "polars", "MainThread")


def run() -> BenchmarkReport:
    """The same figures as :func:`measure`, as a report."""
    lines = [Measurement(each.name, each.value, each.unit) for each in measure()]
    return BenchmarkReport("unit-costs", lines)


def measure() -> list[UnitCost]:
    """Every unit cost that one machine can measure, as the file keeps them."""
    rate = processors.rate_of_all()
    return [
        *_measure_collector(),
        _cost("processors_cpu", _PER / rate, "CPU s per 100,000 events"),
        *_measure_pipeline(_PER / rate),
        *_measure_log(),
    ]


def _measure_collector() -> list[UnitCost]:
    with scratch_server("--collect-only") as scratch:
        enrol(scratch, Crowd())
        texts = list(islice(bodies(Crowd(), _BATCH), 100))
        requests = [scratch.target.post("/v1/events", text) for text in texts]
        with ProcessTree(scratch.pid) as tree:
            sent = asyncio.run(drive(scratch.target, cycle(requests), connections=4, rate=None, seconds=8))
        events = _BATCH * sum(one.status == 202 for one in sent)
        size = sum(map(len, texts)) / len(texts) / _BATCH
    return [
        _cost("collector_cpu", _PER * tree.cpu_seconds / events, "CPU s per 100,000 events"),
        _cost("request_bytes", size, "bytes of JSON per event"),
    ]


def _measure_pipeline(processing: float) -> list[UnitCost]:
    """From the log into both stores, with every follower, while nobody looks."""
    with scratch_server() as scratch:
        enrol(scratch, _CROWD)
        requests = (scratch.target.post("/v1/events", text) for text in bodies(_CROWD, _BATCH))
        with _Shares(scratch.pid) as shares:
            paced = drive(scratch.target, requests, connections=4, rate=_RATE / _BATCH, seconds=_SECONDS)
            sent = asyncio.run(paced)
            wait_until_visible(scratch)
        events = _BATCH * sum(one.status == 202 for one in sent)
        return _split(shares.seconds, events, processing)


def _split(seconds: dict[str, float], events: int, processing: float) -> list[UnitCost]:
    per = {name: _PER * spent / events for name, spent in seconds.items()}
    unit = "CPU s per 100,000 events"
    return [
        _cost("worker_cpu", max(0.0, per["server"] - processing), unit),
        _cost("postgres_cpu", per["postgres"], unit),
        _cost("clickhouse_cpu", per["clickhouse"], unit),
    ]


def _measure_log() -> list[UnitCost]:
    """Blocks of a request each, as the log keeps them."""
    blocks = [canonical(text) for text in islice(bodies(_CROWD, _BATCH), 20)]
    size = sum(len(pack_block(events)) for events in blocks) / len(blocks) / _BATCH
    return [_cost("log_bytes", size, "bytes on disk per event")]


def _cost(name: str, value: float, unit: str) -> UnitCost:
    return UnitCost(
        name=name,
        value=round(value, 3),
        unit=unit,
        basis=Basis.MEASURED,
        source=_COMMAND,
        measured_on=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=_machine(),
    )


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


class _Shares:
    """CPU seconds of a server by part: PostgreSQL, the threads of ClickHouse, the collector's process, and the rest.

    The collector's share of the server's own process is small and stays with the rest.
    """

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._first: dict[tuple[str, int], float] = {}
        self._last: dict[tuple[str, int], float] = {}
        self.seconds: dict[str, float] = defaultdict(float)

    def __enter__(self) -> _Shares:
        self._first = self._sample()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._last |= self._sample()
        for key, spent in self._last.items():
            self.seconds[key[0]] += spent - self._first.get(key, 0.0)

    def _watch(self) -> None:
        while not self._stopping.wait(1.0):
            self._last |= self._sample()

    def _sample(self) -> dict[tuple[str, int], float]:
        found = {(_kind(each), each.pid): _seconds(each) for each in self._root.children(recursive=True)}
        return found | _threads(self._root)


def _kind(process: psutil.Process) -> str:
    try:
        return "postgres" if process.name().startswith("postgres") else "collector"
    except psutil.Error:
        return "collector"


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0  # it ended between listing and reading
    return float(times.user + times.system)


def _threads(process: psutil.Process) -> dict[tuple[str, int], float]:
    found: dict[tuple[str, int], float] = {}
    for each in process.threads():
        try:
            name = Path(f"/proc/{process.pid}/task/{each.id}/comm").read_text().strip()
        except OSError:
            continue
        kind = "server" if name.startswith(_OURS) else "clickhouse"
        found[kind, each.id] = each.user_time + each.system_time
    return found
