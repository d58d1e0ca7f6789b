"""Why a total of the platform is what it is: what each day or each course adds to it."""

from __future__ import annotations

from functools import partial

from coursepulse.aggregates.row import Row
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.evidence import columns as e
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.metric import Column, Unit

_DAYS, _COURSES, _CHANGES, _CLICKS, _TYPE = (
    "evidence_days",
    "evidence_courses",
    "evidence_changes",
    "evidence_clicks",
    "evidence_type",
)

_EVENTS = Column("events", Unit.COUNT, "Events", "events of every type but x_…")


def _list_rows(query: str, column: str, facts: Facts) -> list[Row]:
    """Those that add something."""
    return [_timed(row) for row in facts.found[query] if row[column]]


def _timed(row: Row) -> Row:
    return row | {"time": row["micros"] / SECOND} if "micros" in row else row


def _by_day(query: str, *columns: Column) -> Proof:
    amount = columns[-1].name
    return Proof(
        ItemRule.SUM,
        "days",
        (e.DAY, *columns),
        partial(_list_rows, query, amount),
        amount=amount,
        reads=(query,),
        scale=SECOND if amount == "micros" else 1,
    )


def _by_course(query: str, *columns: Column) -> Proof:
    return _by_day(query, *columns)._replace(
        things="courses", columns=(e.COURSE, e.COURSE_ID, *columns), titled="course_id"
    )


TIME_BY_DAY = _by_day(_DAYS, e.TIME, e.MICROS)
EVENTS_BY_DAY = _by_day(_DAYS, _EVENTS)
CLICKS_BY_DAY = _by_day(_CLICKS, Column("clicks", Unit.COUNT, "Clicks", "clicks of learning events"))
TYPE_BY_DAY = _by_day(_TYPE, _EVENTS._replace(description="events of the type"))

TIME_BY_COURSE = _by_course(_COURSES, e.TIME, e.MICROS)
EVENTS_BY_COURSE = _by_course(_COURSES, _EVENTS)
VISITS_BY_COURSE = _by_course(_COURSES, Column("sessions", Unit.COUNT, "Visits", "visits begun"))
ACTIVE_COURSES = _by_course(_COURSES, Column("active", Unit.FLAG, "Active", "has a learning event"))._replace(
    rule=ItemRule.COUNT
)
ENROLMENTS = _by_course(_CHANGES, Column("enrolments", Unit.COUNT, "Enrolments", "learners who enrolled"))
COMPLETIONS = _by_course(
    _CHANGES, Column("courses_completed", Unit.COUNT, "Completed", "learners who completed it")
)
LESSONS = _by_course(
    _CHANGES, Column("lessons_completed", Unit.COUNT, "Lessons done", "lessons completed for the first time")
)
