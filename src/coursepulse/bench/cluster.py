"""What a cluster costs: events from the request to the numbers with 1, 2 and 4 workers, over a file and over Kafka."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from coursepulse.bench import engine
from coursepulse.bench.broker import HOME, Broker
from coursepulse.bench.end_to_end import wait_until_visible
from coursepulse.bench.freshness import PROBE, Probes
from coursepulse.bench.installation import Installation, installation
from coursepulse.bench.load import drive
from coursepulse.bench.machine import ProcessTree
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.scratch import Scratch, agree, enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies

#: Events/s of the runs that compare costs: two cores keep up with it, however many workers there are.
RATE = 2_000.0

#: Events/s of the run that measures freshness, and of the one that is its limit.
FRESH_RATE, QUIET_RATE = 1_000.0, 10.0

BATCH = 100
_PER = 100_000

#: Seconds of one run, and the share of it that goes before unmeasured: compilers and plans have to learn first.
SECONDS, WARM = 30.0, 0.25

#: Seconds in which what follows the numbers is done.
_REST = 2.0

_UNIT = "CPU s per 100,000 events"


class Spent(NamedTuple):
    """CPU seconds per 100,000 events, by what spent them."""

    by_part: dict[str, float]

    @property
    def total(self) -> float:
        """Of all processes."""
        return sum(self.by_part.values())

    def of(self, prefix: str) -> float:
        """Of those whose names begin so."""
        return sum(spent for name, spent in self.by_part.items() if name.startswith(prefix))


def run(minutes: float | None, students: int | None = None) -> BenchmarkReport:
    """All of it.

    :param minutes: of each run (half a minute by default)
    :param students: number of senders, 25 per course
    """
    seconds = 60 * minutes if minutes else SECONDS
    crowd = Crowd(students, max(1, students // 25)) if students else Crowd()
    lines, notes = _compare_workers(crowd, seconds)
    with _broker(notes) as broker:
        if broker:
            lines += _measure_kafka(broker, crowd, seconds, lines)
            lines += engine.measure(broker, seconds, notes)
    return BenchmarkReport("cluster", lines, notes)


def _compare_workers(crowd: Crowd, seconds: float) -> tuple[list[Measurement], list[str]]:
    with scratch_server() as scratch:
        enrol(scratch, crowd)
        alone = _spend(scratch, {"server": scratch.pid}, crowd, seconds)
    lines: list[Measurement] = []
    with installation() as made:
        enrol(made.front, crowd)
        notes = [] if "Redis" in made.pids else ["Without Redis: redis-server is not installed."]
        limit, target = f"one server that does everything {alone.total:.3g}", ""
        for workers in (1, 2, 4):
            made.add_workers(workers)
            spent = _spend(made.front, made.pids, crowd, seconds)
            lines += _lines(f"{workers} worker{'s' * (workers > 1)}", spent, limit, target)
            if workers == 1:
                limit = f"1 worker {spent.total:.3g}"
            target = f"{1.15 * lines[0].value:.3g}" if workers == 1 else ""
    return lines, notes


def _lines(name: str, spent: Spent, limit: str, target: str = "") -> list[Measurement]:
    parts = {"worker": "in workers", "ClickHouse": "in ClickHouse, behind HTTP", "Kafka": "in the broker"}
    return [
        Measurement(name, spent.total, _UNIT, limit, target),
        *(
            Measurement(f"{name}: {says}", spent.of(part), _UNIT)
            for part, says in parts.items()
            if spent.of(part)
        ),
    ]


def _measure_kafka(
    broker: Broker, crowd: Crowd, seconds: float, others: list[Measurement]
) -> list[Measurement]:
    sqlite = next(each for each in others if each.name == "2 workers")
    with installation(broker) as made:
        enrol(made.front, crowd)
        agree(made.front, PROBE)
        made.add_workers(2)
        spent = _spend(made.front, made.pids, crowd, seconds)
        lines = _lines("2 workers, log in Kafka", spent, f"log in SQLite {sqlite.value:.3g}")
        return lines + _measure_freshness(made, crowd, seconds)


def _measure_freshness(made: Installation, crowd: Crowd, seconds: float) -> list[Measurement]:
    quiet = _delays(made.front, crowd, QUIET_RATE, seconds)
    busy = _delays(made.front, crowd, FRESH_RATE, seconds)
    return [
        Measurement(
            f"at {FRESH_RATE:,.0f} events/s: visible, p{share * 100:.0f}",
            percentile(busy, share),
            "s",
            f"at {QUIET_RATE:.0f} events/s {percentile(quiet, share):.3g}",
            "2.0" if share == 0.99 else "",
        )
        for share in (0.5, 0.99)
    ]


def _delays(scratch: Scratch, crowd: Crowd, rate: float, seconds: float) -> list[float]:
    """Seconds from the due time of each probe until the metrics API counted it."""
    with Probes(scratch, f"{PROBE}-{rate:.0f}") as probes:
        _send(scratch, crowd, rate, seconds)
    return probes.delays


def _spend(scratch: Scratch, pids: dict[str, int], crowd: Crowd, seconds: float) -> Spent:
    _send(scratch, crowd, RATE, WARM * seconds)
    wait_until_visible(scratch)
    with ExitStack() as stack:
        trees = {name: stack.enter_context(ProcessTree(pid, every=seconds / 4)) for name, pid in pids.items()}
        events = _send(scratch, crowd, RATE, seconds)
        wait_until_visible(scratch)
        time.sleep(_REST)
    return Spent({name: _PER * tree.cpu_seconds / events for name, tree in trees.items()})


def _send(scratch: Scratch, crowd: Crowd, rate: float, seconds: float) -> int:
    """How many events were acknowledged."""
    size = int(min(BATCH, rate / 2))
    # Another seed each time: ids of events must not come again.
    requests = (scratch.target.post("/v1/events", body) for body in bodies(crowd, size, seed=time.time_ns()))
    sent = asyncio.run(drive(scratch.target, requests, connections=4, rate=rate / size, seconds=seconds))
    return size * sum(one.status == 202 for one in sent)


@contextmanager
def _broker(notes: list[str]) -> Iterator[Broker | None]:
    if not (HOME / "libs").is_dir():
        notes.append("Neither Kafka nor freshness nor Flink: run scripts/kafka.sh for a broker.")
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-", ignore_cleanup_errors=True) as folder:
        broker = Broker(Path(folder))
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()
