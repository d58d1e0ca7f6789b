"""A server apart from its workers, over one PostgreSQL and one ClickHouse in a scratch folder: a small cluster."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from coursepulse.bench.broker import Broker
from coursepulse.bench.gateway import Gateway
from coursepulse.bench.machine import free_port
from coursepulse.bench.scratch import Scratch
from coursepulse.client.local_server import launch, listens, wait_for
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.settings import Settings
from coursepulse.store.postgres.embedded import EmbeddedPostgres

#: Partitions of the log: two for each of four workers.
PARTITIONS = 8

#: Seconds for workers to share the log on a loaded machine.
_PATIENCE = 120.0

_OWNERS = "SELECT count(DISTINCT owner), count(*) FILTER (WHERE owner = '') FROM log_partitions"


class Installation:
    """One server that takes events in and answers, and workers that are added one by one.

    :param shared: settings of all of them
    """

    def __init__(
        self, stack: ExitStack, folder: Path, pids: dict[str, int], shared: dict[str, object]
    ) -> None:
        self._stack, self._folder, self._shared = stack, folder, shared
        self._workers = 0
        #: Process ids by what each does.
        self.pids = pids
        self.front = self._begin("front", "collect,web")

    def add_workers(self, workers: int) -> None:
        """Return when there are so many, and each has its share of the log.

        :raises CoursepulseError: when they do not come to an agreement
        """
        while self._workers < workers:
            self._workers += 1
            self._begin(f"worker-{self._workers}", "work")
        deadline = time.monotonic() + _PATIENCE
        while not self._is_shared():
            if time.monotonic() > deadline:
                raise CoursepulseError(f"{workers} workers do not share the log; see {self._folder}.")
            time.sleep(0.2)

    def _begin(self, name: str, roles: str) -> Scratch:
        settings = Settings(data=self._folder / name, roles=roles, **self._shared)  # type: ignore[arg-type]
        process = launch(settings, "--port", "0")
        self._stack.callback(_end, process)
        server = wait_for(process, settings)
        self.pids[name] = process.pid
        return Scratch(server, process.pid, settings.data)

    def _is_shared(self) -> bool:
        with psycopg.connect(str(self._shared["postgres"])) as connection:
            owners, free = connection.execute(_OWNERS).fetchone() or (0, 0)
        return int(owners) == self._workers and not free


@contextmanager
def installation(broker: Broker | None = None) -> Iterator[Installation]:
    """A server without workers, on databases of its own; with Redis if it is installed.

    :param broker: has the log; a file has it otherwise
    """
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="coursepulse-bench-", ignore_cleanup_errors=True)
            )
        )
        pids = {"Kafka": broker.pid} if broker else {}
        shared: dict[str, object] = {"pseudonym_secret": "a secret that all processes share"}
        shared |= _databases(stack, folder, pids)
        shared["log"] = f"sqlite://{folder}/log/events.sqlite?partitions={PARTITIONS}"
        if broker:
            shared |= {
                "log": f"kafka://{broker.servers}/events?partitions={PARTITIONS}",
                "kafka_replication": 1,
            }
        if server := shutil.which("redis-server"):
            shared |= dict.fromkeys(("cache", "limits", "live"), _redis(stack, folder, server, pids))
        yield Installation(stack, folder, pids, shared)


def _databases(stack: ExitStack, folder: Path, pids: dict[str, int]) -> dict[str, object]:
    postgres = EmbeddedPostgres(folder / "postgres", max_connections="200")
    dsn = postgres.start()
    stack.callback(postgres.stop)
    (folder / "clickhouse").mkdir()
    gateway = Gateway(folder / "clickhouse")
    gateway.start()
    stack.callback(gateway.stop)
    pids |= {"PostgreSQL": postgres.pid or 0, "ClickHouse": gateway.pid}
    return {"postgres": dsn, "clickhouse": gateway.url()}


def _redis(stack: ExitStack, folder: Path, server: str, pids: dict[str, int]) -> str:
    """The address of a Redis without a disk."""
    port = free_port()
    command = ["/usr/bin/setpriv", "--pdeathsig", "KILL", server, "--port", str(port), "--bind", "127.0.0.1"]
    process = subprocess.Popen([*command, "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL)
    stack.callback(_end, process)
    pids["Redis"] = process.pid
    url = f"redis://127.0.0.1:{port}"
    while process.poll() is None and not listens(url):
        time.sleep(0.05)
    return url


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()
