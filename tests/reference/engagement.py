"""Engagement: each active learner of a course and week against the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from coursepulse.definitions.engagement import AGREEING, Band, week_of
from coursepulse.definitions.stats import mean
from coursepulse.kit.clock import SECOND
from tests.reference.activity import active_students
from tests.reference.course_day import CourseDay
from tests.reference.stats import percentile_rank, quantile


class Engagement(NamedTuple):
    """One active learner in one course and ISO week.

    :param score: 0..100, mean percentile rank
    :param measures: the learner's values by name of the measure
    :param low: measures below p15, the reasons of a low band
    :param high: measures above p85
    """

    score: float
    band: Band
    measures: Mapping[str, float]
    low: tuple[str, ...]
    high: tuple[str, ...]


Week = Sequence[CourseDay]

#: The five measures: name and how it is taken from a learner's days of the week.
MEASURES: dict[str, Callable[[Week], float]] = {
    "days_active": lambda week: sum(day.learning_events > 0 for day in week),
    "time_spent": lambda week: (
        sum(day.time_video + day.time_quiz + day.time_reading for day in week) / SECOND
    ),
    "lessons": lambda week: len({lesson for day in week for lesson in day.lessons_completed}),
    "videos": lambda week: len({video for day in week for video in day.videos_watched}),
    "quiz_attempts": lambda week: len({each[:2] for day in week for each in day.quiz_attempts}),
}


def weekly_engagement(
    days: Iterable[CourseDay], course_id: str, monday: date, left_out: Collection[bytes] = ()
) -> dict[bytes, Engagement]:
    """The engagement of each active learner of a course in one week.

    :param left_out: staff and test users, who are not judged and not compared with
    """
    rows = [day for day in days if day.course_id == course_id and week_of(day.day) == monday]
    active = active_students(rows, monday, monday + timedelta(days=7), left_out)
    weeks: dict[bytes, list[CourseDay]] = defaultdict(list)
    for day in rows:
        if day.student_id in active:
            weeks[day.student_id].append(day)
    values = {
        name: {student: float(measure(week)) for student, week in weeks.items()}
        for name, measure in MEASURES.items()
    }
    return {student: judge_learner(student, values) for student in weeks}


def judge_learner(student: bytes, values: Mapping[str, Mapping[bytes, float]]) -> Engagement:
    """One learner among all that were active.

    :param values: of each of :data:`MEASURES`, by learner
    """
    own = {name: of_all[student] for name, of_all in values.items()}
    bands = {name: rate_value(own[name], of_all.values()) for name, of_all in values.items()}
    ranks = (percentile_rank(own[name], of_all.values()) for name, of_all in values.items())
    low = tuple(name for name, band in bands.items() if band is Band.LOW)
    high = tuple(name for name, band in bands.items() if band is Band.HIGH)
    return Engagement(100.0 * (mean(ranks) or 0.0), _overall(low, high), own, low, high)


def rate_value(value: float, values: Collection[float]) -> Band:
    """The band of one value among those of all active learners, its own included."""
    p15, p85 = quantile(values, 0.15), quantile(values, 0.85)
    if value < p15:
        return Band.LOW
    # Where most learners are equal, being above them is luck: Insights rates low and normal only.
    return Band.HIGH if value > p85 > p15 else Band.NORMAL


def _overall(low: Collection[str], high: Collection[str]) -> Band:
    if len(low) >= AGREEING:
        return Band.LOW
    return Band.HIGH if len(high) >= AGREEING else Band.NORMAL
