"""The conditions about a course. Each needs a minimum number of learners, so that small groups reveal nothing."""

from __future__ import annotations

from collections import defaultdict

from coursepulse.alerts.facts import CourseFacts
from coursepulse.alerts.rule import (
    About,
    Audience,
    CourseCondition,
    Finding,
    Rule,
    Severity,
    Threshold,
    ThresholdUnit,
    Values,
)
from coursepulse.kit.clock import DAY, HOUR, Micros

#: Questions named in one alert.
_MOST_NAMED = 10

#: Between two such moments lies a week.
_WEEK_HOURS = 7 * 24

#: 1970 began on a Thursday.
_FIRST_HOUR = 3 * 24


def find_stops(facts: CourseFacts, values: Values) -> list[Finding]:
    """Lessons in which a large share of those who began them goes no further."""
    if facts.over:
        return []
    return [
        Finding(
            item=lesson.lesson_id,
            since=facts.week_at,
            values={"stopped": lesson.stopped, "began": lesson.began},
        )
        for lesson in facts.lessons
        if lesson.began >= values["learners"]
        and 100 * lesson.stopped >= values["stopped_share"] * lesson.began
    ]


def find_unanswerable(facts: CourseFacts, values: Values) -> list[Finding]:
    """Assessments with questions that nobody gets right, or next to nobody; questions have no titles."""
    if facts.over:
        return []
    failed: dict[str, list[str]] = defaultdict(list)
    for question in facts.questions:
        if (
            question.answered >= values["learners"]
            and 100 * question.right <= values["right_share"] * question.answered
        ):
            failed[question.assessment_id].append(question.question_id)
    return [
        Finding(
            item=assessment,
            since=facts.week_at,
            values={"count": len(names), "questions": ", ".join(names[:_MOST_NAMED])},
        )
        for assessment, names in failed.items()
    ]


def find_silence(facts: CourseFacts, values: Values) -> list[Finding]:
    """No event for some hours in which there were some in each of the last weeks."""
    if facts.over or facts.heard_at is None:
        return []
    hours = silent_hours(facts.heard_at, facts.now)
    expected = sum(facts.usual.get(hour, 0) for hour in hours)
    if len(hours) < values["silent_hours"] or expected < values["usual_learners"]:
        return []
    return [Finding(since=facts.heard_at, values={"silent_s": len(hours) * 3600, "expected": expected})]


def find_finished(facts: CourseFacts, values: Values) -> list[Finding]:
    """Learners who completed the course in the present week, if they are some."""
    if facts.finished < values["learners"]:
        return []
    return [Finding(since=facts.week_at, values={"finished": facts.finished})]


def silent_hours(heard_at: Micros, now: Micros) -> list[int]:
    """The whole hours of the week since a moment, up to a week of them."""
    first, last = -(-heard_at // HOUR), now // HOUR
    return [hour_of_week(hour * HOUR) for hour in range(first, min(last, first + _WEEK_HOURS))]


def hour_of_week(moment: Micros) -> int:
    """The hour in which a moment lies; 0 begins on Monday at 00:00 UTC."""
    return (moment // HOUR + _FIRST_HOUR) % _WEEK_HOURS


def week_of(moment: Micros) -> Micros:
    """When the week of a moment began: on Monday at 00:00 UTC."""
    return moment - hour_of_week(moment) // 24 * DAY - moment % DAY


LESSON_STOPS = Rule(
    name="lesson_stops",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS,),
    about=About.COURSE,
    thresholds=(
        Threshold("stopped_share", 50, 20, 100, ThresholdUnit.PERCENT),
        Threshold("learners", 10, 5, 1000, ThresholdUnit.LEARNERS),
    ),
    cooldown=7 * DAY,
    condition=CourseCondition(find_stops),
)

NOBODY_RIGHT = Rule(
    name="nobody_right",
    severity=Severity.WARNING,
    audience=(Audience.INSTRUCTORS,),
    about=About.COURSE,
    thresholds=(
        Threshold("right_share", 5, 0, 30, ThresholdUnit.PERCENT),
        Threshold("learners", 10, 5, 1000, ThresholdUnit.LEARNERS),
    ),
    cooldown=7 * DAY,
    condition=CourseCondition(find_unanswerable),
)

COURSE_SILENT = Rule(
    name="course_silent",
    severity=Severity.WARNING,
    audience=(Audience.ADMINS,),
    about=About.COURSE,
    thresholds=(
        Threshold("silent_hours", 2, 1, 72, ThresholdUnit.HOURS),
        Threshold("usual_learners", 20, 5, 10_000, ThresholdUnit.LEARNERS),
    ),
    cooldown=HOUR,
    condition=CourseCondition(find_silence),
)

COURSE_FINISHED = Rule(
    name="course_finished",
    severity=Severity.INFO,
    audience=(Audience.INSTRUCTORS,),
    about=About.COURSE,
    thresholds=(Threshold("learners", 5, 5, 1000, ThresholdUnit.LEARNERS),),
    cooldown=HOUR,
    condition=CourseCondition(find_finished),
)

COURSE_RULES = (LESSON_STOPS, NOBODY_RIGHT, COURSE_SILENT, COURSE_FINISHED)
