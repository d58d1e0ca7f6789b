"""kill -9 at any moment: every acknowledged event is stored once, and the numbers are those of a recomputation."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.kit.settings import Settings
from coursepulse.metrics.rollups import Rollups
from coursepulse.store.clickhouse.connect import open_clickhouse
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.wiring.serving import Server, launch, wait_for
from tests.faults.senders import STUDENTS, Sender
from tests.support.server import Platform, platform, wait_until

ROUNDS = 20
CLIENTS = 4

_ROLLUPS = ("session_parts", "student_course_days", "student_days", "video_watch", "quiz_answers")


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_counted_twice(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with platform(tmp_path) as sender:
        sender.agree(*STUDENTS)
    rng = random.Random(2026)
    sent, acknowledged = set[str](), set[str]()
    for seed in range(ROUNDS):
        process = launch(settings, "--port", "0")
        senders = start_senders(wait_for(process, settings), seed)
        time.sleep(rng.uniform(0.05, 1.2))
        process.kill()
        process.wait()
        for each in senders:
            each.stop()
            sent |= each.sent
            acknowledged |= each.acknowledged
    with platform(tmp_path) as sender:
        sender.settle()
    stored = stored_ids(tmp_path)
    assert len(acknowledged) > 200
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored) <= sent
    check_rollups(tmp_path, set(stored))


def start_senders(server: Server, seed: int) -> list[Sender]:
    senders = [Sender(server, CLIENTS * seed + number) for number in range(CLIENTS)]
    for sender in senders:
        sender.start()
    return senders


def stored_ids(data: Path) -> list[str]:
    """The ids of all raw events."""
    server = EmbeddedPostgres(data / "postgres")
    try:
        with psycopg.connect(server.start()) as connection:
            return [
                str(found) for (found,) in connection.execute("SELECT event_id FROM student_activity_events")
            ]
    finally:
        server.stop()


def check_rollups(data: Path, stored: set[str]) -> None:
    """The analytics hold the same events, and rows equal to those computed from scratch."""
    client = open_clickhouse(f"chdb://{data / 'clickhouse'}", 512)
    ids: Iterable[UUID] = (row[0] for row in client.query("SELECT event_id FROM events FINAL").result_rows)
    assert {str(found) for found in ids} == stored
    incremental = {table: rows_of(client, table) for table in _ROLLUPS}
    for table in _ROLLUPS[:-1]:
        client.command(f"TRUNCATE TABLE {table}")
    rollups = Rollups(client)
    rollups.rebuild(rollups.raw_days(), 1)
    assert {table: rows_of(client, table) for table in _ROLLUPS} == incremental
    client.close()


def rows_of(client: Client, table: str) -> list[str]:
    """Every current row of a table, without the cycle that wrote it."""
    columns = [row[0] for row in client.query(f"DESCRIBE TABLE {table}").result_rows if row[0] != "version"]
    return sorted(map(str, client.query(f"SELECT {', '.join(columns)} FROM {table} FINAL").result_rows))


@pytest.mark.slow
def test_postgres_killed_while_events_come_in(tmp_path: Path) -> None:
    with platform(tmp_path) as sender:
        sender.agree(*STUDENTS)
        senders = start_senders(sender.server, 500)
        for _ in range(3):
            time.sleep(0.7)
            wait_until(lambda: kill_postgres(tmp_path))
        time.sleep(0.7)
        for each in senders:
            each.stop()
        sender.settle()
        acknowledged = set[str]().union(*(each.acknowledged for each in senders))
        assert count_events(sender) == len(acknowledged)
    assert sorted(stored_ids(tmp_path)) == sorted(acknowledged)


def kill_postgres(data: Path) -> bool:
    """Kill the bundled PostgreSQL; False while it is still coming back from the last time."""
    pid_file = next((data / "postgres").rglob("postmaster.pid"))
    try:
        os.kill(int(pid_file.read_text().splitlines()[0]), 9)
    except (ProcessLookupError, FileNotFoundError, IndexError):
        return False
    return True


def count_events(sender: Platform) -> int:
    """Events by the metric that counts them all."""
    return sum(int(row["events"]) for row in sender.metric("events_by_type"))
