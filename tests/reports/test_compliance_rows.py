"""What the report counts, from tables with known rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from coursepulse.kit.clock import to_micros
from coursepulse.store.postgres.compliance import ComplianceRows, Rows
from coursepulse.store.postgres.connect import Pool

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
NOW = datetime(2026, 2, 20, tzinfo=UTC)


def read(pool: Pool) -> Rows:
    return ComplianceRows(pool).read(to_micros(START), to_micros(END), to_micros(NOW))


def ask(pool: Pool, kind: str, mode: str, asked: datetime, hours: float | None) -> None:
    done = None if hours is None else asked + timedelta(hours=hours)
    with pool.connection() as connection:
        connection.execute(
            "INSERT INTO privacy_requests (request_id, kind, mode, state, asked_by, asked_at, done_at) "
            "VALUES (%s, %s, %s, %s, 'key:test', %s, %s)",
            [uuid4(), kind, mode, "done" if done else "open", asked, done],
        )


def test_requests_and_the_time_they_took(pool: Pool) -> None:
    for hours in (1.0, 2.0, 9.0):
        ask(pool, "erasure", "anonymise", START, hours)
    ask(pool, "erasure", "delete", START, 32 * 24.0)
    ask(pool, "export", "", START + timedelta(days=2), None)
    ask(pool, "export", "", START + timedelta(days=25), None)
    ask(pool, "export", "", END, 1.0)
    ask(pool, "export", "", START - timedelta(seconds=1), 1.0)
    assert read(pool)["requests"] == [
        ("erasure", "anonymise", 3, 3, 0, 2.0, 9.0),
        ("erasure", "delete", 1, 1, 1, 768.0, 768.0),
        ("export", "", 2, 0, 1, None, None),
    ]


def test_what_retention_removed(pool: Pool) -> None:
    rows = [
        (START, "raw days", 2, START - timedelta(days=90)),
        (START + timedelta(days=1), "raw days", 3, START - timedelta(days=89)),
        (END, "raw days", 1000, END),
        (START, "log events", 7, None),
    ]
    with pool.connection() as connection:
        for row in rows:
            connection.execute(
                "INSERT INTO retention_runs (at, what, removed, oldest_left) VALUES (%s, %s, %s, %s)", row
            )
    assert read(pool)["retention"] == [
        ("log events", 1, 7, START, None),
        ("raw days", 2, 5, START + timedelta(days=1), START - timedelta(days=89)),
    ]
