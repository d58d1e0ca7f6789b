"""What an idle server costs, and how soon the little that happens can be seen."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

from coursepulse.bench.machine import ProcessTree
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.scratch import Scratch, enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.embedded import EmbeddedPostgres

#: As many students as send 20 events/s when each reports twice a minute, as a video player does.
CROWD = Crowd(600, 12)

#: Events/s, and events of one request.
RATE, BATCH = 20.0, 4

#: Windows of which the median counts, seconds of each, and seconds in which a server comes to rest before them.
WINDOWS, WINDOW, REST = 6, 10.0, 20.0

#: Seconds in which freshness is measured, and between two looks: a figure may be late by one.
FRESHNESS, LOOK = 60.0, 0.05


def run() -> BenchmarkReport:
    """CPU of all processes of a server, idle and at 20 events/s, beside both databases that nobody uses."""
    beside = f"PostgreSQL and ClickHouse alone {_databases():.2f}"
    with scratch_server() as scratch:
        enrol(scratch, CROWD)
        idle = _cpu(scratch.pid)
        with _Traffic(scratch) as traffic:
            busy = _cpu(scratch.pid)
            delays = traffic.watch(FRESHNESS)
    lines = [
        Measurement("CPU idle", idle, "% of a core", beside, "1"),
        Measurement(f"CPU at {RATE:.0f} events/s, nobody looks", busy, "% of a core", beside, "10"),
    ]
    return BenchmarkReport("quiet", lines + [_visible(delays, share) for share in (0.5, 0.95, 0.99)])


def _visible(delays: list[float], share: float) -> Measurement:
    name, target = f"visible, p{share * 100:.0f}", "1.0" if share == 0.99 else ""
    return Measurement(name, percentile(delays, share), "s", f"{len(delays)} requests", target)


def _cpu(pid: int) -> float:
    """Per cent of a core that a process takes with its children: the median of some windows."""
    time.sleep(REST)
    return statistics.median(_window(pid) for _ in range(WINDOWS))


def _window(pid: int) -> float:
    began = time.monotonic()
    with ProcessTree(pid, every=2 * WINDOW) as tree:
        time.sleep(WINDOW)
    return 100 * tree.cpu_seconds / (time.monotonic() - began)


def _databases() -> float:
    """The same of both databases, with their tables and without anything that uses them."""
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-", ignore_cleanup_errors=True) as folder:
        code = f"from coursepulse.bench.quiet import rest; rest({folder!r})"
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
            try:
                return _cpu(process.pid)
            finally:
                process.communicate()


def rest(folder: str) -> None:
    """Open both databases, and do nothing until the input ends."""
    server = EmbeddedPostgres(Path(folder) / "postgres")
    with postgres.open_pool(server.start()) as pool:
        postgres.migrate(pool)
        # The engine works as long as somebody has a client.
        client = clickhouse.open_clickhouse(f"chdb://{Path(folder).absolute() / 'clickhouse'}", 512)
        clickhouse.migrate(client)
        sys.stdin.read()
        client.close()
    server.stop()


class _Traffic:
    """Sends until it is left, and knows when."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)
        #: When each request was sent.
        self._sent: list[float] = []

    def __enter__(self) -> _Traffic:
        self._before = self._applied()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _send(self) -> None:
        began, texts = time.monotonic(), bodies(CROWD, BATCH)
        with self._connect() as http:
            while not self._stopping.is_set():
                due = began + len(self._sent) * BATCH / RATE
                time.sleep(max(0.0, due - time.monotonic()))
                self._sent.append(time.monotonic())
                http.post("/v1/events", content=next(texts)).raise_for_status()

    def watch(self, seconds: float) -> list[float]:
        """How long it took until the events of each request could be seen.

        The server's health is asked: to ask for numbers would be to look.
        """
        deadline, delays = time.monotonic() + seconds, list[float]()
        seen = self._visible()
        while time.monotonic() < deadline:
            time.sleep(LOOK)
            visible, now = self._visible(), time.monotonic()
            delays += [now - sent for sent in self._sent[seen:visible]]
            seen = visible
        return delays

    def _visible(self) -> int:
        """Requests whose events can be seen."""
        return (self._applied() - self._before) // BATCH

    def _applied(self) -> int:
        pipeline = self._scratch.health()["pipeline"]
        assert isinstance(pipeline, dict)  # noqa: S101 - our own answer
        return int(pipeline["applied"])

    def _connect(self) -> httpx.Client:
        return httpx.Client(base_url=self._scratch.server.url, headers=self._scratch.headers, timeout=60)
