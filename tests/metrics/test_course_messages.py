"""Whether writing to learners helped: who was written to, and who came back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from coursepulse.alerts.written import WrittenMessages
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.kit.ids import to_bytes
from tests.metrics.test_queries_course import moment, world
from tests.support.campus_world import World, pseudonym

__all__ = ["world"]

WRITTEN, OTHERS = [f"written-{n}" for n in range(6)], [f"other-{n}" for n in range(8)]


def learn(who: str, at: datetime) -> Event:
    event_id = to_bytes(f"{who} {at}", "event")
    session = to_bytes(f"{who} s", "session")
    return Event(event_id, "lesson_start", to_micros(at), pseudonym(who), session, "letters", lesson_id="l1")


def warn(world: World, who: str, at: datetime) -> None:
    with world.pool.connection() as connection:
        connection.execute(
            "INSERT INTO alerts (alert_id, rule, severity, about, audience, course_id, student_id, raised_at, "
            "updated_at, number) "
            "VALUES (%s, 'inactive', 'info', 'learner', '{instructors}', 'letters', %s, %s, %s, 1)",
            (UUID(bytes=to_bytes(f"{who} {at}", "alert")), UUID(bytes=pseudonym(who)), at, at),
        )


@pytest.fixture
def letters(world: World) -> World:
    """Everybody had an alert on the second; six were written to two days later, of whom five came back."""
    begun = moment(1, 9)
    world.take_in([learn(who, begun) for who in (*WRITTEN, *OTHERS)])
    world.take_in([learn(who, moment(11, 23)) for who in WRITTEN[:5]])
    # The same seven days for the others, which begin as long after the alert: one is a day late.
    world.take_in([learn(OTHERS[0], moment(5, 0)), learn(OTHERS[1], moment(12, 0))])
    with world.pool.connection() as connection:
        connection.execute("DELETE FROM alerts")
        connection.execute("DELETE FROM student_messages")
    for who in (*WRITTEN, *OTHERS):
        warn(world, who, moment(2, 8))
    notes = WrittenMessages(world.pool)
    notes.note([(pseudonym(who), "letters") for who in WRITTEN], "teacher", to_micros(moment(4, 8)))
    # About another course, and too long after the alert.
    notes.note([(pseudonym(OTHERS[2]), "elsewhere")], "teacher", to_micros(moment(4, 8)))
    notes.note([(pseudonym(OTHERS[3]), "letters")], "teacher", to_micros(moment(17, 8)))
    return world


def ask(world: World, on: date, **wish: Any) -> list[dict[str, Any]]:
    world.now = to_micros(datetime.combine(on, datetime.min.time(), moment(1, 0).tzinfo))
    return world.ask(
        "course_messages", course="letters", start=date(2026, 3, 1), end=date(2026, 4, 1), **wish
    )


def test_those_written_to_are_set_against_the_others(letters: World) -> None:
    (row,) = ask(letters, date(2026, 3, 12))
    assert (row["rule"], row["written"], row["others"]) == ("inactive", 6, 8)
    assert (row["written_pct"], row["others_pct"]) == (pytest.approx(100 * 5 / 6), 12.5)
    assert row["difference"] == pytest.approx(100 * (5 / 6 - 1 / 8))
    assert row["low"] < row["difference"] < row["high"]


def test_only_seven_days_that_are_over_count(letters: World) -> None:
    assert ask(letters, date(2026, 3, 11)) == []


def test_who_withdraws_consent_is_not_counted(letters: World) -> None:
    letters.clickhouse.insert("not_agreed", [(str(letters.uuid(pseudonym(WRITTEN[0]))), 31, 0)])
    (row,) = ask(letters, date(2026, 3, 12))
    assert row["written"] == 5
    letters.clickhouse.insert("not_agreed", [(str(letters.uuid(pseudonym(WRITTEN[0]))), 32, 1)])
