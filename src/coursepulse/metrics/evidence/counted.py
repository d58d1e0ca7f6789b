"""Why a count is what it is: the days, quarter-hours, lessons, courses, due dates or points that were counted."""

from __future__ import annotations

from functools import partial

from coursepulse.aggregates.learner_rows import LEARNERS, Judge, read_learners
from coursepulse.aggregates.row import Row
from coursepulse.definitions.streak import streak_days
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.evidence import columns as e
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.finish import activity, goals, headline, own_courses, pace
from coursepulse.metrics.metric import Column, Unit

_LESSONS, _WEEK = "evidence_lessons", "evidence_week"


def _list_streak(facts: Facts) -> list[Row]:
    local, today = headline.local_days(facts.found, facts.query)
    return [{"day": day} for day in reversed(streak_days(local, today))]


def _list_active_days(facts: Facts) -> list[Row]:
    days: dict[str, Row] = {}
    for row in headline.in_period(facts.found, facts.query):
        if row["learned"]:
            quarters = days.get(row["day"], {"quarters": set()})["quarters"]
            days[row["day"]] = {"day": row["day"], "quarters": quarters | {*row["quarter_hours"]}}
    return [row | {"quarters": len(row["quarters"])} for row in days.values()]


def _list_lessons_done(facts: Facts) -> list[Row]:
    first: dict[tuple[str, str], Row] = {}
    for row in headline.in_period(facts.found, facts.query):
        for lesson in row["lessons_completed"]:
            first.setdefault(
                (row["course_id"], lesson),
                {"course_id": row["course_id"], "lesson_id": lesson, "day": row["day"]},
            )
    return list(first.values())


def _list_courses(counts: str, facts: Facts) -> list[Row]:
    rows = own_courses.list_progress(facts.found, facts.query)
    here = {learner.row["course_id"] for learner in read_learners(facts.found) if learner.here}
    told = [
        row | {"here": row["course_id"] in here, "completed": row["status"] == "completed"} for row in rows
    ]
    return [row for row in told if row[counts]]


def _list_catalog(facts: Facts) -> list[Row]:
    return [row | {"done": int(row["done"])} for row in facts.found[_LESSONS]]


def _list_lessons_lately(facts: Facts) -> list[Row]:
    course = facts.row["course_id"]
    rows = [row for row in facts.found[pace.ROWS] if row["course_id"] == course]
    return [lesson for row in rows for lesson in pace.list_lessons(row, facts.query)]


def _list_days_of_week(facts: Facts) -> list[Row]:
    return [row | {"time": row["micros"] / SECOND} for row in goals.days_of_week(facts.found, facts.query)]


def _list_quarters(facts: Facts) -> list[Row]:
    """The quarter-hours of the day, or of the weekday and hour, that the row is about."""
    moments = activity.moments(facts.found, facts.query)
    if "day" in facts.row:
        kept = [each for each in moments if each.date() == facts.row["day"]]
    else:
        place = (facts.row["weekday"], facts.row["hour"])
        kept = [each for each in moments if (each.weekday(), each.hour) == place]
    return [{"day": each.date(), "clock": f"{each:%H:%M}"} for each in sorted(kept)]


def _list_reasons(facts: Facts) -> list[Row]:
    return [{"reason": str(reason), "points": points} for reason, points in facts.row["reasons"]]


def _list_missed(facts: Facts) -> list[Row]:
    judge = Judge(facts.query.moment, facts.found, dict(facts.query.limits))
    course = facts.row["course_id"]
    missed = [
        work
        for learner in read_learners(facts.found)
        if learner.row["course_id"] == course
        for work in judge.overdue(learner)
    ]
    return [{"course_id": course, "assessment_id": work, "due_at": due} for work, due in missed]


def _list_week_videos(facts: Facts) -> list[Row]:
    first: dict[str, Row] = {}
    for row in facts.found[_WEEK]:
        for video in row["videos_watched"]:
            first.setdefault(video, {"video_id": video, "day": row["day"]})
    return list(first.values())


def _list_week_attempts(facts: Facts) -> list[Row]:
    first: dict[tuple[str, int], Row] = {}
    for row in facts.found[_WEEK]:
        for work, attempt in row["attempts"]:
            first.setdefault((work, attempt), {"assessment_id": work, "attempt": attempt, "day": row["day"]})
    return list(first.values())


_LESSON = (e.COURSE_ID, e.LESSON_ID, e.TITLE)
_COURSE = (
    e.COURSE_ID,
    e.COURSE,
    Column("status", Unit.TEXT, "Status", "enrolled, completed or left"),
    Column("completion_pct", Unit.PERCENT, "Completion", "lessons completed to date, of all lessons"),
)
_CATALOG = (
    Column("place", Unit.COUNT, "Place", "place in the course, from 1"),
    e.LESSON_ID,
    e.TITLE,
    Column("completed_on", Unit.DATE, "Completed on", "first UTC day, null when it is not completed"),
    Column("done", Unit.COUNT, "Counts", "1 when it is completed, else 0", hidden=True),
)
_QUARTER = (
    e.LOCAL_DAY,
    Column("clock", Unit.TEXT, "From", "when the quarter-hour begins on the student's clock"),
)

STREAK = Proof(ItemRule.COUNT, "days", (e.LOCAL_DAY,), _list_streak)
ACTIVE_DAYS = Proof(
    ItemRule.COUNT,
    "days",
    (e.DAY, Column("quarters", Unit.COUNT, "Quarter-hours", "quarter-hours of it with a learning event")),
    _list_active_days,
)
LESSONS_DONE = Proof(
    ItemRule.COUNT,
    "lessons",
    (
        *_LESSON,
        e.DAY._replace(title="Completed on", description="first UTC day of the period on which it was"),
    ),
    _list_lessons_done,
    titled="lesson_id",
)
TIME_OF_WEEK = Proof(
    ItemRule.SUM,
    "days",
    (e.DAY, e.COURSE_ID, e.COURSE, e.TIME, e.MICROS),
    _list_days_of_week,
    amount="micros",
    scale=SECOND,
    titled="course_id",
)
LESSONS_LATELY = LESSONS_DONE._replace(make=_list_lessons_lately)
COURSES = Proof(
    ItemRule.COUNT, "courses", _COURSE, partial(_list_courses, "here"), reads=LEARNERS, titled="course_id"
)
COURSES_COMPLETED = Proof(
    ItemRule.COUNT,
    "courses",
    _COURSE,
    partial(_list_courses, "completed"),
    reads=LEARNERS,
    titled="course_id",
)
COMPLETION = Proof(
    ItemRule.SHARE, "lessons", _CATALOG, _list_catalog, amount="done", reads=(_LESSONS,), titled="lesson_id"
)
LESSONS_OF_COURSE = COMPLETION._replace(rule=ItemRule.COUNT)
ALL_LESSONS = LESSONS_OF_COURSE._replace(amount="")
QUARTERS = Proof(ItemRule.COUNT, "quarters", _QUARTER, _list_quarters)
POINTS = Proof(
    ItemRule.SUM,
    "reasons",
    (
        Column("reason", Unit.TEXT, "Reason", "reason of the risk rule"),
        Column("points", Unit.COUNT, "Points", "points for it"),
    ),
    _list_reasons,
    amount="points",
)
MISSED = Proof(
    ItemRule.COUNT,
    "due_dates",
    (
        e.COURSE_ID,
        e.WORK_ID,
        e.TITLE,
        Column("due_at", Unit.MOMENT, "Due", "due date that passed with nothing handed in"),
    ),
    _list_missed,
    titled="assessment_id",
)
WEEK_VIDEOS = Proof(
    ItemRule.COUNT,
    "videos",
    (e.VIDEO_ID, e.TITLE, e.DAY._replace(description="first day of the week on which it was watched")),
    _list_week_videos,
    reads=(_WEEK,),
    titled="video_id",
)
WEEK_ATTEMPTS = Proof(
    ItemRule.COUNT,
    "attempts",
    (
        e.WORK_ID,
        e.TITLE,
        Column("attempt", Unit.COUNT, "Attempt", "number of the attempt"),
        e.DAY._replace(description="first day of the week with it"),
    ),
    _list_week_attempts,
    reads=(_WEEK,),
    titled="assessment_id",
)
