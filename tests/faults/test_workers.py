"""A collector, workers and a web server over Kafka and Redis: what is acknowledged is stored once, whoever falls."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import psycopg
import pytest

from coursepulse.bench.broker import Broker
from coursepulse.bench.gateway import Gateway
from coursepulse.client.local_server import Server as Address
from coursepulse.store.clickhouse.connect import open_clickhouse
from tests.faults.senders import STUDENTS, Sender, make_event
from tests.support.gateway import gateway
from tests.support.long import LONG
from tests.support.postgres import Server
from tests.support.redis import RedisNode
from tests.support.server import Platform, wait_until
from tests.support.several import PARTITIONS, SharedInstallation

__all__ = ["gateway"]

ROUNDS = 30 if LONG else 2


class Servers(NamedTuple):
    """Where events go in, and where questions are answered."""

    collector: Platform
    web: Platform

    def sender(self, seed: int) -> Sender:
        """Sends to the collector."""
        return Sender(Address(self.collector.server.url, self.collector.server.key), seed)


@pytest.fixture(scope="module")
def dsn(postgres_server: Server) -> Iterator[str]:
    with postgres_server.database() as dsn:
        yield dsn


@pytest.fixture(scope="module")
def several(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dsn: str, gateway: Gateway
) -> Iterator[SharedInstallation]:
    """The smaller cluster: one broker and a Redis. In the long run, in which others use Kafka, a log of files."""
    folder = tmp_path_factory.mktemp("several")
    redis = RedisNode(folder / "redis")
    redis.start()
    shared = dict.fromkeys(("cache", "limits", "live"), redis.url)
    if not LONG:
        broker: Broker = request.getfixturevalue("broker")
        shared["log"] = f"kafka://{broker.servers}/workers?partitions={PARTITIONS}"
    installation = SharedInstallation(folder, dsn, gateway.url(), **shared)
    yield installation
    installation.end()
    redis.kill()


@pytest.fixture(scope="module")
def servers(several: SharedInstallation) -> Servers:
    """A collector, a web server, and two workers behind them."""
    web = several.join("web", "web")
    for name, roles in (("collector", "collect"), ("worker-1", "work"), ("worker-2", "work")):
        several.begin(name, roles)
    collector = several.join("collector", "collect")
    for name in ("worker-1", "worker-2"):
        several.join(name, "work")
    # Consents are taken by the web server, and known once the collector has them.
    with closing(Platform(web.server, collector.data)) as platform:
        platform.agree(*STUDENTS)
    return Servers(collector, web)


def ask(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


def owners(dsn: str) -> list[str]:
    return [owner for (owner,) in ask(dsn, "SELECT owner FROM log_partitions ORDER BY partition")]


def shared_fairly(dsn: str) -> bool:
    found = owners(dsn)
    return len(found) == PARTITIONS and "" not in found and len(set(found)) == 2


def stored(dsn: str) -> int:
    return int(
        ask(dsn, "SELECT count(*) FROM student_activity_events WHERE event_type <> 'session_end'")[0][0]
    )


def numbers(gateway: Gateway) -> int:
    """Events in the numbers that screens show."""
    client = open_clickhouse(gateway.url(), 256)
    try:
        return int(client.query("SELECT sum(events) FROM student_course_days FINAL").result_rows[0][0])
    finally:
        client.close()


def test_two_workers_share_the_partitions_and_the_web_server_sees_the_numbers(
    servers: Servers, dsn: str, gateway: Gateway
) -> None:
    wait_until(lambda: shared_fairly(dsn), 90)
    rng = random.Random(99)
    for _ in range(10):
        servers.collector.send(*(make_event(rng) for _ in range(20)))
    servers.web.settle()
    assert stored(dsn) == 200
    assert numbers(gateway) == 200
    wait_until(lambda: day_of(servers.web) == 200, 20)


def day_of(server: Platform) -> int:
    return sum(row["events"] for row in server.metric("platform_daily"))


@pytest.mark.long
def test_every_fall_of_workers_costs_nothing(
    several: SharedInstallation, servers: Servers, dsn: str, gateway: Gateway
) -> None:
    before, rng = stored(dsn), random.Random(2026)
    acknowledged, sent = set[str](), set[str]()
    for number in range(ROUNDS):
        sender = servers.sender(100 + number)
        sender.start()
        time.sleep(rng.uniform(0.2, 1.0))
        FALLS[number % len(FALLS)](several)
        time.sleep(rng.uniform(0.2, 1.0))
        sender.stop()
        acknowledged |= sender.acknowledged
        sent |= sender.sent
    servers.web.settle(120)
    ids = {str(found) for (found,) in ask(dsn, "SELECT event_id FROM student_activity_events")}
    assert len(acknowledged) > 50
    assert acknowledged <= ids
    assert before + len(acknowledged) <= stored(dsn) <= before + len(sent)
    assert numbers(gateway) == stored(dsn)


def one_is_killed(several: SharedInstallation) -> None:
    several.leave("worker-1", signal.SIGKILL)
    several.begin("worker-1", "work")


def both_are_killed(several: SharedInstallation) -> None:
    for name in ("worker-1", "worker-2"):
        several.leave(name, signal.SIGKILL)
    for name in ("worker-1", "worker-2"):
        several.begin(name, "work")


def one_hands_over(several: SharedInstallation) -> None:
    several.join("worker-2", "work")
    began = time.monotonic()
    assert several.leave("worker-2") == 0
    assert time.monotonic() - began < 20
    several.begin("worker-2", "work")


FALLS: tuple[Callable[[SharedInstallation], None], ...] = (both_are_killed, one_hands_over, one_is_killed)


@pytest.mark.long
def test_a_worker_that_stood_still_is_fenced(
    several: SharedInstallation, servers: Servers, dsn: str, gateway: Gateway
) -> None:
    wait_until(lambda: shared_fairly(dsn), 90)
    stopped = several.processes["worker-2"].pid
    before, sender = stored(dsn), servers.sender(77)
    sender.start()
    time.sleep(0.5)
    os.kill(stopped, signal.SIGSTOP)
    try:
        # The other one has everything within the ten seconds of a lease, and its two looks.
        wait_until(lambda: len(set(owners(dsn))) == 1, 30)
        sender.stop()
        # All of it, also what the one that stands still had begun.
        servers.web.settle(120)
        assert before + len(sender.acknowledged) <= stored(dsn)
    finally:
        os.kill(stopped, signal.SIGCONT)
    servers.collector.send(*(make_event(random.Random(78)) for _ in range(1)))
    wait_until(lambda: shared_fairly(dsn), 90)
    servers.web.settle(60)
    assert before + len(sender.acknowledged) < stored(dsn)
    assert numbers(gateway) == stored(dsn)
