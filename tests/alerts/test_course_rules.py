"""Every rule about courses on both sides of each of its limits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from coursepulse.alerts.course_rules import (
    COURSE_FINISHED,
    COURSE_RULES,
    COURSE_SILENT,
    LESSON_STOPS,
    NOBODY_RIGHT,
    hour_of_week,
    week_of,
)
from coursepulse.alerts.facts import CourseFacts, LessonStop, QuestionAnswers
from coursepulse.alerts.rule import CourseCondition, Finding, Rule, ThresholdUnit
from coursepulse.kit.clock import HOUR, MINUTE, to_micros
from tests.alerts.facts_made import COURSE, NOW

#: Noon on a Wednesday, the hour in which NOW lies.
NOON = 2 * 24 + 12

BUSY = dict.fromkeys(range(NOON - 6, NOON + 3), 10)


def findings(rule: Rule, facts: CourseFacts, **set_: float) -> list[Finding]:
    assert isinstance(rule.condition, CourseCondition)
    return rule.condition.find(facts, {**rule.defaults(), **set_})


@pytest.mark.parametrize(
    ("began", "stopped", "set_", "told"),
    [
        (20, 10, {}, True),
        (20, 9, {}, False),
        (20, 9, {"stopped_share": 45}, True),
        (10, 5, {}, True),
        (9, 9, {}, False),
        (9, 9, {"learners": 9}, True),
        (0, 0, {}, False),
    ],
)
def test_lesson_stops(began: int, stopped: int, set_: dict[str, float], told: bool) -> None:
    facts = COURSE._replace(lessons=(LessonStop("sets", began, stopped), LessonStop("maps", 20, 0)))
    wanted = [Finding("sets", COURSE.week_at, (), {"stopped": stopped, "began": began})] if told else []
    assert findings(LESSON_STOPS, facts, **set_) == wanted


@pytest.mark.parametrize(
    ("answered", "right", "set_", "told"),
    [
        (10, 0, {}, True),
        (9, 0, {}, False),
        (10, 1, {}, False),
        (19, 1, {}, False),
        (20, 1, {}, True),
        (20, 1, {"right_share": 0}, False),
        (9, 0, {"learners": 5}, True),
    ],
)
def test_nobody_right(answered: int, right: int, set_: dict[str, float], told: bool) -> None:
    facts = COURSE._replace(questions=(QuestionAnswers("quiz", "1", answered, right),))
    assert bool(findings(NOBODY_RIGHT, facts, **set_)) is told


def test_questions_of_one_quiz_are_one_alert() -> None:
    asked = [("quiz", str(number)) for number in range(12)] + [("exam", "a")]
    questions = tuple(QuestionAnswers(*names, 20, 0) for names in asked)
    quiz, exam = findings(NOBODY_RIGHT, COURSE._replace(questions=questions))
    assert (quiz.item, quiz.values) == ("quiz", {"count": 12, "questions": "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"})
    assert (exam.item, exam.values) == ("exam", {"count": 1, "questions": "a"})


@pytest.mark.parametrize(
    ("ago", "usual", "set_", "told"),
    [
        # from 10:00 to 12:00: two whole hours, ten learners in each
        (2 * HOUR + 20 * MINUTE, BUSY, {}, True),
        (2 * HOUR + 19 * MINUTE, BUSY, {}, False),
        (2 * HOUR + 20 * MINUTE, BUSY, {"silent_hours": 3}, False),
        (2 * HOUR + 20 * MINUTE, BUSY, {"usual_learners": 21}, False),
        (3 * HOUR + 20 * MINUTE, BUSY, {"usual_learners": 21, "silent_hours": 3}, True),
        # usually quiet at this time
        (2 * HOUR + 20 * MINUTE, {hour: 10 for hour in BUSY if hour != NOON - 1}, {}, False),
        (30 * HOUR, {}, {}, False),
    ],
)
def test_course_silent(ago: int, usual: dict[int, int], set_: dict[str, float], told: bool) -> None:
    facts = COURSE._replace(heard_at=NOW - ago, usual=usual)
    assert bool(findings(COURSE_SILENT, facts, **set_)) is told


def test_a_course_that_was_never_heard_of_is_not_silent() -> None:
    assert not findings(COURSE_SILENT, COURSE._replace(heard_at=None, usual=BUSY))


def test_a_long_silence_counts_one_week() -> None:
    facts = COURSE._replace(heard_at=NOW - 30 * 24 * HOUR, usual=BUSY)
    [finding] = findings(COURSE_SILENT, facts)
    assert finding.values == {"silent_s": 168 * 3600, "expected": 90}


@pytest.mark.parametrize(
    ("finished", "set_", "told"), [(5, {}, True), (4, {}, False), (5, {"learners": 6}, False)]
)
def test_course_finished(finished: int, set_: dict[str, float], told: bool) -> None:
    wanted = [Finding("", COURSE.week_at, (), {"finished": finished})] if told else []
    assert findings(COURSE_FINISHED, COURSE._replace(finished=finished), **set_) == wanted


@pytest.mark.parametrize(
    "rule", [rule for rule in COURSE_RULES if rule is not COURSE_FINISHED], ids=lambda r: r.name
)
def test_a_course_that_is_over_tells_nothing_more(rule: Rule) -> None:
    bad: dict[str, Any] = {
        "lessons": (LessonStop("sets", 20, 20),),
        "questions": (QuestionAnswers("quiz", "1", 20, 0),),
        "usual": BUSY,
        "heard_at": NOW - 5 * HOUR,
    }
    assert findings(rule, COURSE._replace(**bad))
    assert not findings(rule, COURSE._replace(**bad, over=True))


def test_no_course_can_ask_about_fewer_than_five() -> None:
    counts = [
        each for rule in COURSE_RULES for each in rule.thresholds if each.unit is ThresholdUnit.LEARNERS
    ]
    assert len(counts) == len(COURSE_RULES)
    assert min(each.least for each in counts) == 5


@pytest.mark.parametrize(
    ("moment", "hour"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 72),
        (datetime(2026, 3, 9, tzinfo=UTC), 0),
        (datetime(2026, 3, 8, 23, 59, 59, tzinfo=UTC), 167),
    ],
)
def test_weeks_begin_on_monday(moment: datetime, hour: int) -> None:
    assert hour_of_week(to_micros(moment)) == hour
    assert week_of(to_micros(moment)) == to_micros(moment.replace(minute=0, second=0)) - hour * HOUR
