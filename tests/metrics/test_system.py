"""What the system says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.kit.clock import DAY, HOUR, from_micros, to_micros
from coursepulse.kit.job_run import JobRun
from coursepulse.metrics.query_times import QueryTimes
from coursepulse.store.postgres.connect import Pool, open_pool
from coursepulse.store.postgres.job_runs import JobRuns
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.store.sizes import StoreSizes
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

NOW = to_micros(datetime(2026, 3, 9, 12, tzinfo=UTC))


@pytest.fixture(scope="module")
def client(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@pytest.fixture(scope="module")
def pool(postgres_server: Server) -> Iterator[Pool]:
    with postgres_server.database() as url, open_pool(url, 2) as pool:
        yield pool


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60))
def test_so_many_answers_took_at_most_so_long(milliseconds: list[int]) -> None:
    times = QueryTimes()
    for each in milliseconds:
        times.note("courses", each / 1000)
    (row,) = times.rows()
    number = len(milliseconds)
    assert row["asked"] == number
    assert row["slowest"] == max(milliseconds)
    for level, name in ((0.5, "median"), (0.95, "p95")):
        assert sum(each <= row[name] for each in milliseconds) >= level * number
        assert sum(each < row[name] for each in milliseconds) < level * number


def test_the_slowest_metric_is_first_and_old_answers_are_forgotten() -> None:
    times = QueryTimes()
    for _ in range(200):
        times.note("slow_once", 0.001)
        times.note("slow", 0.5)
    times.note("slow_once", 9)
    for _ in range(200):
        times.note("slow_once", 0.001)
    assert [(row["metric"], row["asked"], row["slowest"]) for row in times.rows()] == [
        ("slow", 200, 500),
        ("slow_once", 401, 1),
    ]


def test_storage_grows_since_the_first_measurement_of_thirty_days(
    pool: Pool, client: Client, tmp_path: Path
) -> None:
    now = NOW - 40 * DAY
    sizes = StoreSizes(pool, lambda: client, tmp_path, lambda: now)
    for age, letters in ((40, 9000), (20, 100), (20, 200), (0, 700)):
        now = NOW - age * DAY
        (tmp_path / "dead-letters.sqlite-wal").write_bytes(b"x" * letters)
        (tmp_path / "log.sqlite").write_bytes(b"x" * 5)
        sizes.measure()
    found = {row["store"]: row for row in sizes.grown()}
    assert found["dead_letters"] == {"store": "dead_letters", "bytes": 700, "grown": 500, "days": 20}
    assert found["event_log"]["bytes"] == 5
    assert set(found) == {"dead_letters", "event_log", "postgresql", "clickhouse"}
    assert found["postgresql"]["bytes"]


def test_jobs_are_summed_up_with_their_latest_run(pool: Pool) -> None:
    runs = JobRuns(pool)
    for age, outcome in ((50, "failed"), (3, "failed"), (1, "done"), (2, "crashed")):
        at = NOW - age * DAY
        runs.note(JobRun("retention", at, at + 1_500_000, outcome, f"{age} days ago"))
    (row,) = runs.summary(NOW - 30 * DAY)
    assert row == {
        "job": "retention",
        "runs": 3,
        "failed": 2,
        "started_at": from_micros(NOW - DAY),
        "took": 1.5,
        "planned_by": None,
        "outcome": "done",
        "sentence": "1 days ago",
    }


def test_requests_are_counted_by_kind(pool: Pool) -> None:
    def file(kind: str, age: int, done: int | None, trouble: str = "") -> None:
        asked, state = from_micros(NOW - age * HOUR), "open" if done is None else "done"
        done_at = None if done is None else from_micros(NOW - done * HOUR)
        with pool.connection() as connection:
            connection.execute(
                "INSERT INTO privacy_requests"
                " (request_id, kind, mode, keep_records, state, asked_by, asked_at, done_at, trouble)"
                " VALUES (%s, %s, '', false, %s, 'account:a', %s, %s, %s)",
                (uuid4(), kind, state, asked, done_at, trouble),
            )

    file("export", 3, 1)
    file("export", 9, None)
    file("export", 2, None, "a disk is full")
    file("erasure", 24 * 90, 24 * 60)
    (row,) = RequestStore(pool).summary(NOW - 30 * DAY)
    assert row == {
        "kind": "export",
        "open": 2,
        "troubled": 1,
        "oldest_at": from_micros(NOW - 9 * HOUR),
        "done": 1,
        "longest": 7200,
    }
