"""The server's clock is put back an hour and forward a day while events arrive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.rollups import Rollups
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.collect.dead_letters import SqliteDeadLetterQueue
from coursepulse.compliance.retention import Retention
from coursepulse.events.event import Event
from coursepulse.insight.predictions import Predictions
from coursepulse.kit.clock import DAY, HOUR, MINUTE, Micros, SteadyClock, from_micros, to_micros
from coursepulse.kit.settings import Settings
from coursepulse.log.positions import start
from coursepulse.store.archives import Archives
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.records import Records
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.store.postgres.retention import RetentionRuns
from coursepulse.store.postgres.shown_steps import ShownSteps
from coursepulse.stream.pipeline import Pipeline
from coursepulse.stream.stages import GROUP, SERVED
from tests.faults.test_kill import rows_of
from tests.support.campus import KEY, Campus, listening
from tests.support.server import wait_until

NOON = to_micros(datetime(2026, 3, 2, 12, tzinfo=UTC))

_ROLLUPS = ("session_parts", "student_course_days", "student_days")


class Times:
    """The time that it is, and what the server's clock shows."""

    def __init__(self) -> None:
        self.now: Micros = NOON
        self.off: Micros = 0

    def shown(self) -> Micros:
        return self.now + self.off

    def true(self) -> Micros:
        return self.now


class Plant:
    """The way of an event from the collector to the rollups, all by one clock."""

    def __init__(self, campus: Campus, pool: Pool, client: Client, times: Times, folder: Path) -> None:
        self.campus, self.pool, self.client, self.times = campus, pool, client, times
        self.acknowledged: set[str] = set()
        self.refused: list[dict[str, Any]] = []
        raw, dead_letters = PostgresRawStore(pool), SqliteDeadLetterQueue(folder / "letters.sqlite")
        self._pipeline = Pipeline(campus.log, raw, Rollups(client), _never, times.shown, batch_events=1_000)
        self.raw, self._dead_letters = raw, dead_letters
        self.retention = Retention(
            *(
                Settings(),
                SteadyClock(times.shown, times.true),
                raw,
                campus.log,
                Rollups(client),
                dead_letters,
            ),
            campus.trail,
            Records(pool, raw, times.shown),
            Archives(folder / "exports"),
            RequestStore(pool),
            RetentionRuns(pool),
            PostgresAlerts(pool, pool),
            Predictions(pool),
            ShownSteps(pool),
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        self._pipeline.start()
        try:
            yield
        finally:
            self._pipeline.stop()
            self._dead_letters.close()

    def send(self, events: list[dict[str, Any]]) -> None:
        """What is not acknowledged is kept, to be sent again."""
        answer = httpx.post(
            f"{self.campus.url}/v1/events",
            json=events,
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=60,
        )
        rejected = {each["index"]: each["reason"] for each in answer.raise_for_status().json()["rejected"]}
        assert set(rejected.values()) <= {"timestamp_in_future"}
        self.refused += [events[index] for index in rejected]
        self.acknowledged |= {each["event_id"] for index, each in enumerate(events) if index not in rejected}

    def settle(self) -> None:
        wait_until(lambda: self.campus.log.lag(GROUP) == 0)

    def stored(self) -> list[str]:
        with self.pool.connection() as connection:
            return [str(row[0]) for row in connection.execute("SELECT event_id FROM student_activity_events")]

    def rollups(self) -> dict[str, list[str]]:
        return {table: rows_of(self.client, table) for table in _ROLLUPS}

    def recomputed(self) -> dict[str, list[str]]:
        for table in _ROLLUPS:
            self.client.command(f"TRUNCATE TABLE {table}")
        rollups = Rollups(self.client)
        rollups.rebuild(rollups.raw_days(), 1_000)
        return self.rollups()


def _never(event: Event | bytes, position: int, why: str) -> None:
    raise AssertionError(f"{event!r} at {position} was refused: {why}")


def batch(first: int, at: Micros, many: int = 20) -> list[dict[str, Any]]:
    """Lessons completed at a platform whose clock is right."""
    return [
        {
            "event_id": f"00000000-0000-4000-8000-{number:012}",
            "event_type": "lesson_complete",
            "timestamp": from_micros(at).isoformat(),
            "student_id": f"s-{number % 3}",
            "context": {"course_id": "maths", "lesson_id": f"l-{number}"},
        }
        for number in range(first, first + many)
    ]


@pytest.fixture
def plant(pool: Pool, clickhouse: Client, tmp_path: Path) -> Iterator[Plant]:
    times = Times()
    with listening(pool, tmp_path, times.shown) as campus:
        plant = Plant(campus, pool, clickhouse, times, tmp_path)
        with plant.running():
            yield plant


def test_what_was_acknowledged_is_stored_once_and_counted_once(plant: Plant) -> None:
    for turn, off in enumerate((0, -HOUR, 0, DAY, 0, -HOUR, DAY)):
        plant.times.off = off
        plant.times.now += 10 * MINUTE
        plant.send(batch(20 * turn, plant.times.now))
        plant.send(batch(20 * turn, plant.times.now))  # the platform did not get the answer
        plant.settle()
    assert len(plant.refused) == 2 * 2 * 20
    assert sorted(plant.stored()) == sorted(plant.acknowledged)
    plant.times.off = 0
    plant.send(plant.refused)
    plant.settle()
    assert sorted(plant.stored()) == sorted(plant.acknowledged)
    assert len(plant.acknowledged) == 7 * 20
    assert plant.rollups() == plant.recomputed()
    assert plant.rollups()["student_course_days"]


def test_the_newest_event_is_the_platforms_however_the_clock_stood(plant: Plant) -> None:
    for turn, off in enumerate((0, DAY, -HOUR)):
        plant.times.off = off
        plant.times.now += 10 * MINUTE
        plant.send(batch(20 * turn, plant.times.now - HOUR - MINUTE))
        plant.settle()
    wait_until(lambda: plant.raw.position(SERVED) > 0)
    progress = plant.raw.progress(SERVED)
    assert progress
    assert progress.latest_event_at == plant.times.now - HOUR - MINUTE


@pytest.mark.parametrize("off", [DAY, -HOUR])
def test_nothing_goes_before_its_time(plant: Plant, off: Micros) -> None:
    settings = Settings()
    raw_kept = settings.raw_retention_days * DAY
    plant.times.now -= raw_kept  # ninety days ago
    plant.send(batch(0, plant.times.now))
    plant.settle()
    plant.times.now += raw_kept - settings.log_retention_hours * HOUR + HOUR  # almost three days ago
    plant.send(batch(20, plant.times.now))
    plant.settle()
    plant.times.now = NOON
    plant.retention.run()
    before = sorted(plant.stored()), blocks(plant.campus)
    plant.times.off = off
    plant.retention.run()
    plant.times.now += MINUTE
    plant.retention.run()
    assert (sorted(plant.stored()), blocks(plant.campus)) == before
    assert before == (sorted(plant.acknowledged), 1)


def blocks(campus: Campus) -> int:
    return len(campus.log.read(start(), 1 << 30))
