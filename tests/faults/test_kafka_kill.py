"""kill -9 of the broker and of the collector's process under load: what was acknowledged is stored once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from coursepulse.bench.broker import Broker
from coursepulse.log.sqlite import SqliteLog
from coursepulse.store.presence import find
from tests.faults.senders import STUDENTS, Sender, make_event
from tests.support.kafka import open_broker
from tests.support.long import some
from tests.support.postgres import owner_dsn
from tests.support.server import Platform, platform, wait_until

ROUNDS = some(10)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = open_broker(tmp_path / "kafka")
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.slow
@pytest.mark.long
def test_nothing_acknowledged_is_lost_while_brokers_and_collectors_die(
    broker: Broker, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    url = f"kafka://{broker.servers}/events?partitions=1"
    with platform(data, log=url) as sender:
        sender.agree(*STUDENTS)
        senders = [Sender(sender.server, number) for number in range(3)]
        by_hand, rng = set[str](), random.Random(99)
        for each in senders:
            each.start()
        for number in range(ROUNDS):
            wait_until(lambda: acknowledges(senders), 60)
            by_hand.add(break_down(broker, sender, rng, collector_too=number % 2 == 1))
        for each in senders:
            each.stop()
        wait_until(lambda: is_empty(data / "log" / "spool.sqlite"), 300)
        sender.settle(300)
        stored = stored_ids(data)
    acknowledged = by_hand.union(*(each.acknowledged for each in senders))
    assert len(acknowledged) > 100
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored) <= by_hand.union(*(each.sent for each in senders))


def break_down(broker: Broker, sender: Platform, rng: random.Random, *, collector_too: bool) -> str:
    """The broker dies, and in some rounds the collector's process after it. Returns an event taken meanwhile."""
    broker.kill()
    if collector_too:
        time.sleep(0.3)
        os.kill(collector_of(sender), signal.SIGKILL)
    taken = next(filter(None, (take(sender, rng) for _ in range(60))))
    health = sender.http.get("/v1/health").json()
    assert health["status"] == "degraded"
    assert health["stores"]["log"].startswith("Kafka: ")
    broker.start()
    return taken


def take(sender: Platform, rng: random.Random) -> str:
    """The id of an event that is acknowledged while no broker answers; empty if it is not."""
    event = make_event(rng)
    answer = sender.http.post("/v1/events", json=[event])
    if answer.status_code == 202 and answer.json()["accepted"] == 1:
        return str(event["event_id"])
    time.sleep(0.5)
    return ""


def acknowledges(senders: list[Sender]) -> bool:
    before = sum(len(each.acknowledged) for each in senders)
    time.sleep(0.3)
    return sum(len(each.acknowledged) for each in senders) > before


def collector_of(sender: Platform) -> int:
    """The process id of the ingest worker."""
    there = find(sender.data)
    assert there
    children = psutil.Process(there.pid).children(recursive=True)
    return next(each.pid for each in children if "coursepulse.collect.worker_process" in each.cmdline())


def is_empty(path: Path) -> bool:
    """Whether everything that was spooled has been sent on."""
    spool = SqliteLog(path)
    try:
        return spool.lag("sent") == 0
    finally:
        spool.close()


def stored_ids(data: Path) -> list[str]:
    with psycopg.connect(owner_dsn(data)) as connection:
        rows = connection.execute(
            "SELECT event_id FROM student_activity_events WHERE event_type <> 'session_end'"
        ).fetchall()
    return [str(found) for (found,) in rows]
