"""Why a number of a course is what it is: the learners it counts, or what each of them adds to it."""

from __future__ import annotations

from functools import partial

from coursepulse.aggregates.row import Row
from coursepulse.definitions.stats import add_decimals
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.evidence import columns as e
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.metric import Column, Unit

_WHO = (e.NAME, e.STUDENT_ID)
_CLASS, _DAY, _LESSON, _VIDEO = (
    "evidence_class",
    "evidence_class_day",
    "evidence_class_lesson",
    "evidence_class_video",
)
_SECONDS, _WORK, _QUESTION = "evidence_class_seconds", "evidence_class_work", "evidence_class_question"

_WATCHED = Column("watched_pct", Unit.PERCENT, "Watched", "watched % of this learner, null when unknown")


def _keep(query: str, column: str, facts: Facts) -> list[Row]:
    """The learners of whom a column says that they count, or how much they add."""
    return [
        row
        for row in facts.found[query]
        if row[column] is not None and row[column] is not False and row[column] != 0
    ]


def _keep_known(query: str, column: str, facts: Facts) -> list[Row]:
    return [row for row in facts.found[query] if row[column] is not None]


def _keep_time(query: str, column: str, facts: Facts) -> list[Row]:
    return [
        row | {"micros": row[column], "time": row[column] / SECOND} for row in _keep(query, column, facts)
    ]


def _counted(query: str, column: str, *more: Column) -> Proof:
    """Learners, each of whom counts once."""
    return Proof(
        ItemRule.COUNT,
        "learners",
        (*_WHO, *more),
        partial(_keep, query, column),
        reads=(query,),
        people=True,
    )


def _timed(query: str, column: str = "micros") -> Proof:
    return Proof(
        ItemRule.SUM,
        "learners",
        (*_WHO, e.TIME, e.MICROS),
        partial(_keep_time, query, column),
        amount="micros",
        reads=(query,),
        scale=SECOND,
        people=True,
    )


def _mean(query: str, column: Column) -> Proof:
    return Proof(
        ItemRule.MEAN,
        "learners",
        (*_WHO, column),
        partial(_keep_known, query, column.name),
        amount=column.name,
        reads=(query,),
        tally=add_decimals,
        people=True,
    )


def _added(query: str, column: Column) -> Proof:
    """Whole numbers, one a learner."""
    return Proof(
        ItemRule.SUM,
        "learners",
        (*_WHO, column),
        partial(_keep, query, column.name),
        amount=column.name,
        reads=(query,),
        people=True,
    )


def _share(query: str, keep: str, part: Column, whole: Column) -> Proof:
    """What counts of all learners, in per cent of what could."""
    return Proof(
        ItemRule.SHARE,
        "learners",
        (*_WHO, part, whole),
        partial(_keep, query, keep),
        amount=part.name,
        of=whole.name,
        reads=(query,),
        tally=add_decimals,
        people=True,
    )


_LESSONS_DONE = Column("lessons_completed", Unit.COUNT, "Lessons done", "lessons of the course completed")
_SCORE = e.SCORE._replace(description="mean of the learner's best scores")

ENROLLED = _counted(_CLASS, "here")
AGREED = _counted(_CLASS, "seen")
ACTIVE = _counted(_CLASS, "active")
TIME = _timed(_CLASS)
COMPLETION = _share(
    _CLASS,
    "seen",
    _LESSONS_DONE,
    Column("total_lessons", Unit.COUNT, "Lessons", "lessons of the course"),
)
SCORE = _mean(_CLASS, _SCORE)
WATCHED = _mean(_CLASS, _WATCHED)

ACTIVE_THAT_DAY = _counted(_DAY, "active")
TIME_THAT_DAY = _timed(_DAY, "time_spent")
VIDEO_THAT_DAY = _timed(_DAY, "time_video")
QUIZ_THAT_DAY = _timed(_DAY, "time_quiz")
READING_THAT_DAY = _timed(_DAY, "time_reading")
LESSONS_THAT_DAY = _added(_DAY, _LESSONS_DONE)

STARTED = _counted(_LESSON, "started", Column("started_on", Unit.DATE, "Started on", "first UTC day"))
COMPLETED = _counted(_LESSON, "completed", Column("completed_on", Unit.DATE, "Completed on", "first UTC day"))


def _placed(rule: ItemRule) -> Proof:
    """Everybody who worked at a lesson, in whose order the number has its place."""
    return _timed("evidence_class_lesson_time")._replace(rule=rule, amount="time", scale=1)


WORKED = _timed("evidence_class_lesson_time")._replace(rule=ItemRule.COUNT, amount="", scale=1)
LESSON_TIME_LOW = _placed(ItemRule.LOWER)
LESSON_TIME_MEDIAN = _placed(ItemRule.MEDIAN)
LESSON_TIME_HIGH = _placed(ItemRule.UPPER)

_SILENT = Column("silent_since", Unit.DATE, "Silent since", "UTC day of the last learning event")
STOPPED = _counted("evidence_class_stopped", "stopped", _SILENT)

_COVERED = Column("covered", Unit.SECONDS, "Time covered", "distinct seconds played")
VIEWERS = _counted(_VIDEO, "viewer", _COVERED, _WATCHED)
VIDEO_COMPLETED = _counted(_VIDEO, "complete", _COVERED, _WATCHED)
VIDEO_WATCHED = _mean(_VIDEO, _WATCHED)
VIDEO_AGAIN = _share(
    _VIDEO,
    "viewer",
    Column("repeated", Unit.SECONDS, "Watched again", "seconds played at least twice"),
    _COVERED,
)
SECOND_VIEWERS = _counted(_SECONDS, "viewer")
SECOND_REWATCHERS = _counted(_SECONDS, "rewatcher")

_BEST = e.SCORE._replace(title="Best score", description="best score")
_PASSED = Column("passed", Unit.FLAG, "Passed", "whether a result passes")
WORK_LEARNERS = _counted(_WORK, "scored", _BEST)
WORK_ATTEMPTS = _added(
    _WORK, Column("attempts", Unit.COUNT, "Attempts", "attempts at a quiz, hand-ins of an assignment")
)
WORK_SCORE = _mean(_WORK, _BEST)
WORK_PASSED = _counted(_WORK, "passed", _BEST)
WORK_PASSED_PCT = _share(
    _WORK,
    "resulted",
    _PASSED,
    Column("resulted", Unit.FLAG, "Result", "whether there is a result"),
)

_HANDED_IN = Column("handed_in_at", Unit.MOMENT, "Handed in", "when something was first handed in")
_STATE = "evidence_class_state"
WORK = {
    "learners": _counted(_STATE, "here", _HANDED_IN),
    **{state: _counted(_STATE, state) for state in ("not_started", "in_work", "overdue")},
    **{state: _counted(_STATE, state, _HANDED_IN) for state in ("handed_in", "late", "graded")},
}

_REPLIES = Column("replies", Unit.COUNT, "Replies", "replies in the thread")
THREAD = {
    "replies": _added("evidence_class_thread", _REPLIES),
    "repliers": _counted("evidence_class_thread", "replied", _REPLIES),
    "readers": _counted("evidence_class_thread", "read"),
}

HELPED = _counted("evidence_class_helped", "helped", _REPLIES)
HELPED_BY = _counted("evidence_class_helpers", "helped", _REPLIES)

_FIRST = Column("first", Unit.FLAG, "Right", "whether the first answer was right")
ANSWERED = _counted(
    _QUESTION, "answered", Column("answered_at", Unit.MOMENT, "Answered", "first answer"), _FIRST
)
CORRECT = _counted(_QUESTION, "first", Column("answered_at", Unit.MOMENT, "Answered", "first answer"))
FIRST_TRY = _share(
    _QUESTION, "answered", _FIRST, Column("answered", Unit.FLAG, "Answered", "whether there is an answer")
)
