"""A cluster that runs, and ways to damage it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import httpx
import psycopg
from confluent_kafka.admin import AdminClient
from redis import Redis, RedisError

from coursepulse.client.local_server import Server
from coursepulse.store.clickhouse.connect import open_clickhouse
from deploy.cluster import checks, supervise
from deploy.cluster.layout import HOST, ROOT, Layout
from deploy.cluster.program import stage_name
from tests.faults.senders import STUDENTS, Sender
from tests.support.server import Platform, wait_until

#: Seconds for anything to happen on a machine that has much else to do.
PATIENCE = 900.0


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "deploy.cluster", *words]


@contextmanager
def running(layout: Layout) -> Iterator[subprocess.Popen[str]]:
    """The cluster in a session of its own, as in a terminal; whatever happens, it is asked to stop."""
    places = ["--data", str(layout.data), "--port", str(layout.port), "--base", str(layout.base)]
    process = subprocess.Popen(
        command("up", *places, "--with", " ".join(sorted(layout.parts))),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        assert any("Ctrl-C stops everything" in line for line in lines), "it ended before it was up"
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


class RunningCluster:
    """What stands between the senders and the counts, program by program."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.programs = {each.name: each for each in supervise.all_programs(layout)}
        self.platform = Platform(Server(layout.url, layout.api_key), layout.data / "collector-1")
        self.acknowledged, self.sent = set[str](), set[str]()
        self._seeds = iter(range(1_000))

    def agree(self) -> None:
        """Every collector learns that the students agreed."""
        for name in ("collector-1", "collector-2"):
            (self.layout.data / name / "pseudonym.key").write_text(self.layout.secret("pseudonyms"))
            platform = Platform(self.platform.server, self.layout.data / name)
            platform.agree(*STUDENTS)
            platform.close()

    def close(self) -> None:
        """Give the connection up."""
        self.platform.close()

    def pid(self, name: str) -> int:
        """Of a program, as the supervisor knows it; 0 while it is down."""
        program = f"{stage_name(self.programs[name].stage)}:{name}"
        control = [str(supervise.TOOLS / "supervisorctl"), "-c", str(self.layout.config), "pid", program]
        said = subprocess.run(control, capture_output=True, text=True, check=False).stdout.strip()
        return int(said) if said.isdecimal() else 0

    def kill(self, *names: str) -> None:
        """Without a warning, all at once. Two names stand for whoever it is at the moment: see :meth:`find`."""
        found = [self.pid(self.find(name)) for name in names]
        assert all(found), names
        for pid in found:
            os.kill(pid, signal.SIGKILL)

    def find(self, name: str) -> str:
        """The program behind ``broker-leader``, of the first partition, or ``redis-master``; others are as they are."""
        if name == "broker-leader":
            topics = self.admin().list_topics("events", timeout=60).topics
            return f"kafka-{topics['events'].partitions[0].leader}"
        if name == "redis-master":
            return next(f"redis-{port}" for port in self.layout.redis if is_master(port))
        return name

    def admin(self) -> AdminClient:
        """Asks the brokers, in the test's own words."""
        servers = ",".join(f"{HOST}:{port}" for port in self.layout.kafka)
        return AdminClient({"bootstrap.servers": servers, "log_level": 0})

    def stop(self, name: str) -> None:
        """Until :meth:`start`."""
        self._control("stop", name)

    def _control(self, word: str, name: str) -> None:
        control = [str(supervise.TOOLS / "supervisorctl"), "-c", str(self.layout.config), word]
        subprocess.run(
            [*control, f"{stage_name(self.programs[name].stage)}:{name}"], check=True, capture_output=True
        )

    def start(self, name: str) -> None:
        """Again, after :meth:`stop`."""
        self._control("start", name)

    def down(self) -> list[str]:
        """Who does not answer."""
        return [
            f"{state.name}: {state.detail}"
            for state in checks.look(self.layout, list(self.programs.values()))
            if not state.up
        ]

    def await_whole(self) -> None:
        """Everybody has answered since now; on a busy machine hardly ever all at once."""
        silent = dict(self.programs)

        def all_have_answered() -> bool:
            for state in checks.look(self.layout, list(silent.values())):
                if state.up:
                    del silent[state.name]
            return not silent

        wait_until(all_have_answered, PATIENCE)

    @contextmanager
    def load(self, url: str = "", senders: int = 2) -> Iterator[list[Sender]]:
        """Some senders at work; what they sent and what was acknowledged is remembered."""
        server = Server(url or self.layout.url, self.layout.api_key)
        threads = [Sender(server, next(self._seeds), pause=0.2, timeout=30) for _ in range(senders)]
        for each in threads:
            each.start()
        try:
            wait_until(partial(acknowledge_more, threads, 0), PATIENCE)
            yield threads
        finally:
            for each in threads:
                each.stop()
                self.acknowledged |= each.acknowledged
                self.sent |= each.sent

    def stored(self, port: int = 0) -> list[str]:
        """Ids of all events in PostgreSQL, each as often as it is there."""
        with psycopg.connect(self.layout.dsn("owner", port or self.layout.postgres)) as connection:
            rows = connection.execute(
                "SELECT event_id FROM student_activity_events WHERE event_type <> 'session_end'"
            ).fetchall()
        return [str(found) for (found,) in rows]

    def counted(self) -> int:
        """Events in the numbers that screens show."""
        client = open_clickhouse(self.layout.clickhouse_url, 256)
        try:
            asked = client.query("SELECT sum(events) FROM student_course_days FINAL")
            return int(asked.result_rows[0][0])
        finally:
            client.close()

    def check_counts(self, port: int = 0) -> int:
        """Acknowledged, stored once, and in the numbers; returns how many events there are."""
        wait_until(lambda: self._has_settled(port), PATIENCE)
        stored = self.stored(port)
        assert len(stored) == len(set(stored))
        assert self.acknowledged <= set(stored) <= self.sent
        assert self.counted() == len(stored)
        return len(stored)

    def _has_settled(self, port: int) -> bool:
        try:
            stored = self.stored(port)
            return self.acknowledged <= set(stored) and self.counted() == len(stored) and not self._lag()
        except (psycopg.Error, httpx.HTTPError, KeyError):
            return False

    def _lag(self) -> int:
        health = self.platform.http.get("/v1/health").raise_for_status().json()
        return int(health["pipeline"]["lag"])


def is_master(port: int) -> bool:
    """Whether a node of Redis is one, and answers."""
    with suppress(RedisError), Redis(port=port, socket_timeout=5) as client:
        return bool(client.role()[0] == b"master")
    return False


def acknowledge_more(senders: list[Sender], than: int) -> bool:
    return total(senders) > than


def total(senders: list[Sender]) -> int:
    return sum(len(each.acknowledged) for each in senders)
