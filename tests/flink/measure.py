"""What the stream processors cost in Flink, and in the server, on the same events: python -m tests.flink.measure."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from coursepulse.bench.processors import STUDENTS, CountingSink, batches_of, every_processor
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.runners.port import Runner
from tests.flink.test_processors import Setting
from tests.support.flink import wait_for
from tests.support.kafka import open_broker

#: Fewer than the benchmark in the server has: both are done in turn, in the same minutes.
EVENTS = 24_000


class Cost(NamedTuple):
    """Of all events: seconds of a clock, and CPU seconds of the worker and of Flink."""

    wall: float
    worker: float
    flink: float = 0.0

    def __str__(self) -> str:
        each = EVENTS / 100_000
        return (
            f"{EVENTS / self.wall:,.0f} events/s; CPU s per 100,000 events: worker {self.worker / each:.1f},"
            f" task manager {self.flink / each:.1f}"
        )


def make_events() -> None:
    for _ in batches_of(STUDENTS, EVENTS):
        pass


def feed(runner: Runner) -> None:
    for batch in batches_of(STUDENTS, EVENTS):
        runner.process(batch)


def measure(work: Callable[[], None], flink: Callable[[], float] = lambda: 0.0) -> Cost:
    wall, worker, before = time.monotonic(), time.process_time(), flink()
    work()
    return Cost(time.monotonic() - wall, time.process_time() - worker, flink() - before)


def main() -> None:
    # Making the events costs the same in both, and is taken off.
    making = measure(make_events)
    embedded = measure(lambda: feed(EmbeddedRunner(every_processor(), [CountingSink()])))
    print(f"load average {os.getloadavg()[0]:.0f}")
    print("embedded:", Cost(embedded.wall - making.wall, embedded.worker - making.worker))
    with tempfile.TemporaryDirectory(prefix="coursepulse-flink-") as folder:
        broker = open_broker(Path(folder, "kafka"))
        broker.start()
        setting = Setting(broker.servers, Path(folder, "flink"))
        setting.flink.start()
        setting.runner.restore(0)
        setting.flink.run()
        try:
            spent = measure(lambda: run_through(setting), setting.flink.cpu_seconds)
            print("flink:", Cost(spent.wall - making.wall, spent.worker - making.worker, spent.flink))
        finally:
            setting.close()
            broker.stop()
    print(f"load average {os.getloadavg()[0]:.0f}")


def run_through(setting: Setting) -> None:
    feed(setting.runner)
    setting.runner.reconcile()
    wait_for("every answer", lambda: setting.runner.caught_up)


if __name__ == "__main__":
    main()
