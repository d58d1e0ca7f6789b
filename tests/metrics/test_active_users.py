"""Learners active by day, week and month, counted anew from every day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.kit.sql import Queries
from tests.support.clickhouse import migrated_database
from tests.support.long import examples

QUERY = Queries("coursepulse.metrics.clickhouse")["active_users"]
FIRST, END = date(2026, 3, 1), date(2026, 3, 29)
LEARNERS = [UUID(int=number) for number in range(1, 5)]

#: Gaps of a window, and one day less and more.
days = st.lists(st.sampled_from([1, 2, 6, 7, 8, 29, 30, 31]), max_size=6).map(
    lambda gaps: {FIRST - timedelta(35) + timedelta(sum(gaps[: nth + 1])) for nth in range(len(gaps))}
)


@pytest.fixture(scope="module")
def database(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@examples(60)
@given(history=st.fixed_dictionaries(dict.fromkeys(LEARNERS, days)))
def test_each_day_counts_who_was_active_in_the_days_up_to_it(
    database: Client, history: dict[UUID, set[date]]
) -> None:
    database.command("TRUNCATE TABLE active_days")
    rows = [
        (day, learner, course, 1, 1, 1) for learner, on in history.items() for day in on for course in "ab"
    ]
    # What is no learning event makes nobody active.
    rows += [(FIRST + timedelta(2), LEARNERS[0], "c", 1, 1, 0)]
    names = ["day", "student_id", "course_id", "version", "events", "learning_events"]
    database.insert("active_days", rows, column_names=names)
    asked = {"start": FIRST, "end": END, "tomorrow": END + timedelta(5), "apart": []}
    found = [tuple(row) for row in database.query(QUERY, parameters=asked).result_rows]
    assert found == [count(history, FIRST + timedelta(nth)) for nth in range((END - FIRST).days)]


def count(history: dict[UUID, set[date]], day: date) -> tuple[date, int, int, int, float | None]:
    daily, weekly, monthly = (
        sum(any(day - timedelta(length) < on <= day for on in days) for days in history.values())
        for length in (1, 7, 30)
    )
    return day, daily, weekly, monthly, 100 * daily / monthly if monthly else None


def test_no_day_after_today_is_counted(database: Client) -> None:
    asked = {"start": FIRST, "end": END, "tomorrow": FIRST + timedelta(3), "apart": []}
    assert len(database.query(QUERY, parameters=asked).result_rows) == 3
