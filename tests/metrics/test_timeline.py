"""What happened to a student when, against the Python reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.rollups import Rollups
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros, utc_date
from coursepulse.kit.ids import to_text
from coursepulse.metrics.readers import ROLLUP_QUERIES
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import ANN, COURSE
from tests.metrics.test_queries_course import moment, select, world
from tests.reference.timeline import Happening, timeline
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import START, STUDENTS, event_logs
from tests.support.long import examples

__all__ = ["world"]

FIRST = utc_date(START)


@pytest.fixture(scope="module")
def database(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@examples(25)
@given(log=event_logs(), begin=st.integers(0, 3), days=st.integers(1, 5))
def test_it_says_what_the_reference_says(database: Client, log: list[Event], begin: int, days: int) -> None:
    empty_tables(database)
    Rollups(database).refresh(log, 1)
    start = FIRST + timedelta(days=begin)
    for student in STUDENTS:
        told = Counter(stored(database, student, start, start + timedelta(days=days)))
        assert told == Counter(timeline(log, student, start, start + timedelta(days=days)))


def stored(database: Client, student: bytes, start: date, end: date) -> list[Happening]:
    values = {"student": to_text(student), "courses": ["c1", "c2"], "start": start, "end": end}
    rows = RollupReader(lambda: database, ROLLUP_QUERIES).rows("student_timeline", values)
    assert rows == sorted(rows, key=lambda row: row["at"], reverse=True)
    return [Happening(**row | {"at": micros(row["at"]), "until": micros(row["until"])}) for row in rows]


def micros(at: Any) -> Any:
    return None if at is None else to_micros(at)


def test_the_timeline_of_one_learner(world: World) -> None:
    rows = world.ask("student_timeline", student=ANN, course=COURSE)
    assert select(rows, "at", "kind", "assessment_id", "time_spent", "lessons", "score_pct") == [
        (moment(9, 9), "visit", "", 0, 1, None),
        (moment(3, 10), "visit", "", 40, 0, None),
        (moment(2, 9, 11), "quiz", "q1", None, None, 80),
        (moment(2, 9), "visit", "", 720, 1, None),
        (moment(1, 10), "course_enroll", "", None, None, None),
    ]
    assert rows[3]["until"] == moment(2, 9, 12)
    assert world.ask("student_timeline", student=ANN, course=COURSE, sort="at", limit=1) == rows[-1:]


def test_what_happened_elsewhere_or_at_another_time_is_left_out(world: World) -> None:
    world.title("courses", ("elsewhere", "", None, None))
    assert world.ask("student_timeline", student=ANN, course="elsewhere") == []
    asked: dict[str, Any] = {"student": ANN, "start": date(2026, 3, 3), "end": date(2026, 3, 9)}
    assert select(world.ask("student_timeline", **asked), "at") == [(moment(3, 10),)]
