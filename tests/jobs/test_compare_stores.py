"""Both databases are compared day by day, with patience for what is on its way."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.jobs.compare_stores import StoreComparison, StoresDiffer
from coursepulse.kit.clock import to_micros
from coursepulse.store.postgres.connect import Pool

NOW = to_micros(datetime(2026, 3, 9, 12, tzinfo=UTC))


class Pair:
    """Both databases, with the same events unless a test says otherwise."""

    def __init__(self, pool: Pool, clickhouse: Client) -> None:
        self.pool, self.clickhouse = pool, clickhouse

    def __getattr__(self, name: str) -> object:
        return getattr(self.clickhouse, name)

    def close(self) -> None:
        """The client is the test's own."""

    def record(self, event: UUID, day: int, kind: str = "page_view") -> None:
        at = datetime(2026, 3, day, 10, tzinfo=UTC)
        with self.pool.connection() as connection:
            connection.execute("SELECT create_day_partitions(%s::date[])", ([at.date()],))
            connection.execute(
                "INSERT INTO student_activity_events (event_id, student_id, event_type, event_timestamp, event_data, "
                "event_date, log_position, received_at) VALUES (%s, %s, %s, %s, '{}', %s, 1, %s)",
                (event, uuid4(), kind, at, at.date(), at),
            )

    def aggregate(self, event: UUID, day: int) -> None:
        at = datetime(2026, 3, day, 10, tzinfo=UTC)
        names = ["event_id", "event_type", "at", "student_id"]
        self.clickhouse.insert("events", [(event, "page_view", at, uuid4())], column_names=names)

    def compare(self, kept: int = 90, wait: object = None) -> str:
        waiting = wait if callable(wait) else lambda _: None
        return StoreComparison(self.pool, lambda: self, kept, lambda: NOW, waiting).run()  # type: ignore[arg-type, return-value]


@pytest.fixture
def pair(pool: Pool, clickhouse: Client) -> Pair:
    return Pair(pool, clickhouse)


def test_the_same_events_are_told_as_such(pair: Pair) -> None:
    for day in (7, 8):
        event = uuid4()
        pair.record(event, day)
        pair.aggregate(event, day)
    # An event that came twice counts once, one that was taken back not at all, and today is not over.
    pair.aggregate(event, 8)
    pair.record(uuid4(), 8, "x_withdrawn")
    pair.record(uuid4(), 9)
    assert pair.compare() == "2 events of 2 days are in both databases."


def test_a_day_that_differs_is_named_with_both_numbers(pair: Pair) -> None:
    pair.record(uuid4(), 7)
    pair.record(uuid4(), 7)
    pair.aggregate(uuid4(), 7)
    with pytest.raises(StoresDiffer, match="2026-03-07: 2 and 1"):
        pair.compare()
    # Days beyond the retention are not compared.
    assert pair.compare(kept=2) == "0 events of 0 days are in both databases."


def test_what_is_on_its_way_is_waited_for(pair: Pair) -> None:
    event = uuid4()
    pair.record(event, 8)
    assert pair.compare(wait=lambda _: pair.aggregate(event, 8)).startswith("1 events of 1 days")
