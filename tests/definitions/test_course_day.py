from __future__ import annotations

from datetime import date

import msgspec

from coursepulse.events.event import Event
from coursepulse.kit.clock import HOUR
from coursepulse.kit.ids import NIL
from tests.reference.attempts import Attempt, Result
from tests.reference.course_day import CourseDayKey, course_days

SUBMIT = Event(b"a" * 16, "quiz_submit", 9 * HOUR, b"s" * 16, b"x" * 16, "c1", assessment_id="q1", score=40.0)
AGAIN = msgspec.structs.replace(SUBMIT, event_id=b"b" * 16, at=10 * HOUR, session_id=b"y" * 16, score=70.0)
KEY = CourseDayKey(b"s" * 16, "c1", date(1970, 1, 1))


def test_sessions_of_a_day_are_united() -> None:
    day = course_days([SUBMIT, AGAIN])[KEY]
    assert (day.visits, day.events, day.quarter_hours) == (2, 2, (36, 40))
    assert (day.first_at, day.last_at, day.last_learning_at) == (9 * HOUR, 10 * HOUR, 10 * HOUR)
    assert day.quiz_attempts == (Attempt("q1", 1, 9 * HOUR),)
    assert day.quiz_results == (Result("q1", 1, 10 * HOUR, b"b" * 16, 70.0, None),)


def test_day_without_learning_has_no_last_learning() -> None:
    grade = msgspec.structs.replace(SUBMIT, event_type="assignment_graded", session_id=NIL)
    day = course_days([grade])[KEY]
    assert (day.events, day.learning_events, day.clicks, day.quarter_hours) == (1, 0, 0, ())
    assert day.last_learning_at is None
    assert [each.score for each in day.grades] == [40.0]
