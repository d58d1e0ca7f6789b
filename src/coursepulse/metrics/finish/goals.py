"""The goals that a student has set, and how they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.goals import judge_finish, judge_week, lessons_a_week
from coursepulse.definitions.pace import LearningPace, PaceState
from coursepulse.definitions.trainings import completion_day
from coursepulse.kit.clock import MINUTE, SECOND, utc_date
from coursepulse.metrics.finish import pace
from coursepulse.metrics.query import Query

#: The queries behind it.
OWN, DAYS = "own_goals", "student_day_rows"

_NOTHING = dict.fromkeys(
    (
        *("minutes", "finish_on", "time_week", "weeks_kept", "weeks_seen"),
        *("lessons_left", "lessons_needed", "finish_from", "finish_to"),
    )
)


def list_goals(found: QueryRows, query: Query) -> list[Row]:
    """One row per goal."""
    courses = {row["course_id"]: row for row in found[pace.ROWS]}
    return [
        _NOTHING | goal | (_week(goal, found, query) if goal["minutes"] else _finish(goal, courses, query))
        for goal in found[OWN]
    ]


def days_of_week(found: QueryRows, query: Query) -> list[Row]:
    """The student's days and courses of the week of the question, as far as they have time on task."""
    today = utc_date(query.moment)
    monday = today - timedelta(days=today.weekday())
    return [row for row in found[DAYS] if monday <= row["day"] <= today and row["micros"]]


def _week(goal: Row, found: QueryRows, query: Query) -> Row:
    days = Counter[date]()
    for row in found[DAYS]:
        days[row["day"]] += row["micros"]
    learned = {day: micros for day, micros in days.items() if micros}
    week = judge_week(goal["minutes"] * MINUTE, learned, utc_date(query.moment))
    return {
        "goal_state": week.state.value,
        "time_week": week.spent / SECOND,
        "weeks_kept": week.kept,
        "weeks_seen": week.weeks,
    }


def _finish(goal: Row, courses: Mapping[str, Row], query: Query) -> Row:
    row, today = courses.get(goal["course_id"]), utc_date(query.moment)
    found = pace.judge_pace(row, query) if row else LearningPace(PaceState.TOO_EARLY)
    done_on = _completed_on(row) if row else None
    left = None if row is None or not row["total"] or done_on else found.left
    return {
        "goal_state": judge_finish(goal["finish_on"], done_on, found, today).value,
        "lessons_left": left,
        "lessons_needed": None if left is None else lessons_a_week(left, goal["finish_on"], today),
        "finish_from": found.first,
        "finish_to": found.last,
    }


def _completed_on(row: Row) -> date | None:
    declared = [row["declared_on"]] if row["declared_on"] else []
    return completion_day(declared, row["completed_on"], row["total"], None)
