"""Retention never turns history into zeros."""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.rollups import Rollups
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, SECOND, utc_date

NOON = 20_500 * DAY + DAY // 2


def read(number: int, at: int) -> Event:
    return Event(
        number.to_bytes(16), "lesson_complete", at, bytes([1] * 16), bytes([2] * 16), "maths", f"l{number}"
    )


def lessons(client: Client) -> list[tuple[str, ...]]:
    rows = client.query("SELECT lessons_completed FROM student_course_days FINAL ORDER BY day").result_rows
    return [tuple(row[0]) for row in rows]


def test_a_frozen_day_keeps_its_rows_when_late_events_or_a_rebuild_come(clickhouse: Client) -> None:
    rollups = Rollups(clickhouse)
    rollups.refresh([read(1, NOON), read(2, NOON + DAY)], 1)
    rollups.freeze([utc_date(NOON)])
    rollups.refresh([read(3, NOON + 9 * SECOND), read(4, NOON + DAY)], 2)
    rollups.rebuild([utc_date(NOON), utc_date(NOON + DAY)], 3)
    assert lessons(clickhouse) == [("l1",), ("l2", "l4")]


def test_freezing_drops_the_raw_events_of_that_day_alone(clickhouse: Client) -> None:
    rollups = Rollups(clickhouse)
    rollups.refresh([read(1, NOON), read(2, NOON + DAY)], 1)
    rollups.freeze([utc_date(NOON)])
    assert rollups.raw_days() == [utc_date(NOON + DAY)]


def test_an_old_day_that_was_never_frozen_is_rolled_up(clickhouse: Client) -> None:
    rollups = Rollups(clickhouse)
    rollups.freeze([utc_date(NOON)])
    rollups.refresh([read(1, NOON - 400 * DAY)], 1)
    assert lessons(clickhouse) == [("l1",)]
