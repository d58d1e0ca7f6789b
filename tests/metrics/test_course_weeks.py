"""A course week by week since its first day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.kit.ids import to_bytes
from tests.metrics.test_queries_course import moment, select, world
from tests.support.campus_world import World, pseudonym

__all__ = ["world"]

RUN = [f"runner-{number}" for number in range(12)]


def learn(who: str, kind: str, at: datetime, **said: Any) -> Event:
    event_id = to_bytes(f"{who} {kind} {at}", "event")
    return Event(event_id, kind, to_micros(at), pseudonym(who), to_bytes(who, "session"), "run-1", **said)


@pytest.fixture(scope="module")
def run(world: World) -> World:
    """It begins on Tuesday, the third; all learn in its first week, two in its second, and then one leaves."""
    world.title("courses", ("run-1", "First run", date(2026, 3, 3), None))
    log = [learn(who, "lesson_start", moment(3, 9), lesson_id="l1") for who in RUN]
    log += [learn(who, "quiz_submit", moment(4, 9), assessment_id="q1", score=50.0) for who in RUN[:11]]
    log += [learn(who, "lesson_start", moment(10, 9), lesson_id="l2") for who in RUN[:2]]
    log += [learn(RUN[11], "course_unenroll", moment(17, 9))]
    world.take_in(log)
    world.now = to_micros(moment(27, 12))
    return world


def test_weeks_are_counted_from_the_first_day_of_the_catalog(run: World) -> None:
    rows = run.ask("course_weeks", course="run-1", end=date(2026, 3, 28))
    # The fourth week is not over.
    assert select(rows, "week", "starts_on", "learners", "active_learners") == [
        (1, date(2026, 3, 3), 12, 12),
        (2, date(2026, 3, 10), 12, 2),
        (3, date(2026, 3, 17), 11, 0),
    ]
    assert select(rows, "score_pct", "score_low", "score_high")[0] == (50, 50, 50)
    assert (rows[1]["active_low"], rows[1]["active_high"]) == pytest.approx((4.70, 44.80), abs=0.05)


def test_a_week_that_goes_on_is_no_week_yet(run: World) -> None:
    for extra, weeks in ((0, 2), (6, 2), (7, 3)):
        end = date(2026, 3, 17) + timedelta(days=extra)
        assert len(run.ask("course_weeks", course="run-1", end=end)) == weeks


def test_without_a_first_day_a_course_begins_when_somebody_learns(run: World) -> None:
    run.take_in(
        [
            Event(
                to_bytes("wild", "event"),
                "lesson_start",
                to_micros(moment(6, 9)),
                pseudonym("w"),
                bytes(16),
                "wild",
            )
        ]
    )
    rows = run.ask("course_weeks", course="wild", end=date(2026, 3, 21))
    assert select(rows, "week", "starts_on") == [(1, date(2026, 3, 6)), (2, date(2026, 3, 13))]
