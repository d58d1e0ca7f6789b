"""kill -9 at any moment: every acknowledged event is stored once, and the numbers are those of a recomputation."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.rollups import Rollups
from coursepulse.client.local_server import Server, launch, wait_for
from coursepulse.kit.settings import Settings
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.clickhouse.connect import open_clickhouse
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.wiring.system import System
from tests.faults.senders import STUDENTS, Sender, make_event
from tests.support.long import LONG
from tests.support.postgres import owner_dsn
from tests.support.server import Platform, platform, wait_until

ROUNDS = 20 if LONG else 3
CLIENTS = 4

_ROLLUPS = (
    "session_parts",
    "student_course_days",
    "student_days",
    "video_watch",
    "platform_days",
)

#: What the database itself copies from the events as they come.
_COPIES = ("quiz_answers", "course_acts")

#: What is made of the rollups for PostgreSQL, without what says when and of which version. Risk compares with the class
#: as it was at that moment, so that of somebody who fell silent is as old as the profile, a day at most.
_MADE = {
    "student_analytics_profiles": "to_jsonb(t) - 'updated_at' - 'version' - 'at_risk_score'",
    "course_members": "to_jsonb(t)",
}

#: Who comes in one round only, on a day of their own: nothing that comes later touches them again.
VISITORS = [f"visitor-{number}" for number in range(ROUNDS)]

#: Who gets stuck in one round and stays so until the next, with a kill in between.
STUCK = [f"stuck-{number}" for number in range(ROUNDS)]

#: Somebody new: when there is a profile of the last one, the jobs have done everybody before.
LAST = "the-last-one"

#: Seconds within which the platform-wide rows follow an event.
_PLATFORM_PACE = 3.0


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_counted_twice(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with platform(tmp_path) as sender:
        sender.agree(*STUDENTS, *VISITORS, *STUCK, LAST)
    rng = random.Random(2026)
    sent, acknowledged = set[str](), set[str]()
    for seed in range(ROUNDS):
        process = launch(settings, "--port", "0")
        server = wait_for(process, settings)
        visits = [make_visit(rng, seed), *begin_streak(rng, seed), *end_streak(rng, seed - 1)]
        with closing(Platform(server, tmp_path)) as sender:
            sender.send(*visits)
        sent |= {visit["event_id"] for visit in visits}
        acknowledged |= {visit["event_id"] for visit in visits}
        senders = start_senders(server, seed)
        time.sleep(rng.uniform(0.05, 1.2))
        process.kill()
        process.wait()
        for each in senders:
            each.stop()
            sent |= each.sent
            acknowledged |= each.acknowledged
    with platform(tmp_path) as sender:
        sender.settle()
        last = [make_event(rng) | {"student_id": LAST}, *end_streak(rng, ROUNDS - 1)]
        sender.send(*last)
        wait_until(lambda: count_profiles(tmp_path) == len([*STUDENTS, *VISITORS, *STUCK, LAST]))
        # This looks at numbers: while nobody does, the platform-wide rows take their time.
        sender.settle()
        time.sleep(_PLATFORM_PACE)
        check_alerts(tmp_path)
    sent |= {event["event_id"] for event in last}
    stored = stored_ids(tmp_path)
    assert len(acknowledged) > 200
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored) <= sent
    followed = take_made(tmp_path)
    check_rollups(tmp_path, set(stored))
    System(settings).rebuild()
    assert all(followed.values())
    assert take_made(tmp_path) == followed


def make_visit(rng: random.Random, number: int) -> dict[str, Any]:
    """An event of the round's visitor, some days ago."""
    at = datetime.now(UTC) - timedelta(days=1 + number)
    return make_event(rng) | {"student_id": VISITORS[number], "timestamp": at.isoformat()}


def begin_streak(rng: random.Random, number: int) -> list[dict[str, Any]]:
    """Three wrong answers of the round's student: two are missing for an alert."""
    return [make_answer(rng, number, right=False) for _ in range(3)]


def end_streak(rng: random.Random, number: int) -> list[dict[str, Any]]:
    """The two that were missing, and of every second student a right answer, which clears the alert."""
    if number < 0:
        return []
    wrong = [make_answer(rng, number, right=False) for _ in range(2)]
    return wrong if number % 2 else [*wrong, make_answer(rng, number, right=True)]


def make_answer(rng: random.Random, number: int, *, right: bool) -> dict[str, Any]:
    """Answers follow each other by their own time, which has microseconds."""
    answer: dict[str, Any] = {"event_type": "quiz_answer", "student_id": STUCK[number]}
    answer |= {"context": {"course_id": "course-0", "assessment_id": "quiz"}}
    return make_event(rng) | answer | {"payload": {"question_id": "q", "is_correct": right}}


def check_alerts(data: Path) -> None:
    """Each student who was stuck has one alert, as the answers say: none is lost or doubled, none stays open."""
    pseudonyms = Pseudonyms((data / "pseudonym.key").read_bytes())
    with psycopg.connect(owner_dsn(data)) as connection:
        found = connection.execute(
            "SELECT student_id, cleared_at IS NOT NULL FROM alerts"
            " WHERE rule = 'stuck_on_skill' AND withdrawn_at IS NULL AND student_id = ANY(%s)",
            [[UUID(bytes=pseudonyms.of(student)) for student in STUCK]],
        ).fetchall()
    cleared = {UUID(bytes=pseudonyms.of(student)): number % 2 == 0 for number, student in enumerate(STUCK)}
    assert sorted(found) == sorted(cleared.items())


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


def count_profiles(data: Path) -> int:
    """Of a running server."""
    with psycopg.connect(owner_dsn(data)) as connection:
        [(found,)] = connection.execute("SELECT count(*) FROM student_analytics_profiles")
    return int(found)


def take_made(data: Path) -> dict[str, list[str]]:
    """The rows of each table, which is empty afterwards."""
    server = EmbeddedPostgres(data / "postgres")
    try:
        with psycopg.connect(server.start(), autocommit=True) as connection:
            rows = {
                table: [
                    text
                    for (text,) in connection.execute(
                        f"SELECT ({row})::text FROM {table} AS t ORDER BY 1".encode()
                    )
                ]
                for table, row in _MADE.items()
            }
            connection.execute(f"TRUNCATE {', '.join(_MADE)}".encode())
            return rows
    finally:
        server.stop()


def check_rollups(data: Path, stored: set[str]) -> None:
    """The analytics hold the same events, and rows equal to those computed from scratch."""
    client = open_clickhouse(f"chdb://{data / 'clickhouse'}", 512)
    ids: Iterable[UUID] = (row[0] for row in client.query("SELECT event_id FROM events FINAL").result_rows)
    assert {str(found) for found in ids} == stored
    incremental = {table: rows_of(client, table) for table in (*_ROLLUPS, *_COPIES)}
    for table in _ROLLUPS:
        client.command(f"TRUNCATE TABLE {table}")
    rollups = Rollups(client)
    rollups.rebuild(rollups.raw_days(), 1)
    rollups.refresh_platform(rollups.raw_days(), 1)
    assert {table: rows_of(client, table) for table in incremental} == incremental
    client.close()


def rows_of(client: Client, table: str) -> list[str]:
    """Every current row of a table, without its version."""
    columns = [row[0] for row in client.query(f"DESCRIBE TABLE {table}").result_rows if row[0] != "version"]
    return sorted(map(str, client.query(f"SELECT {', '.join(columns)} FROM {table} FINAL").result_rows))


@pytest.mark.slow
def test_postgres_killed_while_events_come_in(tmp_path: Path) -> None:
    with platform(tmp_path) as sender:
        sender.agree(*STUDENTS)
        senders = start_senders(sender.server, 500)
        for _ in range(2):
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
