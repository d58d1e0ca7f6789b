"""Why a time is what it is: the sessions that make it, and the gaps between events that make a session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import polars as pl

from coursepulse.aggregates.columns import SESSION_EVENTS
from coursepulse.aggregates.row import Row
from coursepulse.aggregates.session_parts import list_gaps
from coursepulse.kit.clock import SECOND, from_micros, to_days, to_micros
from coursepulse.metrics.evidence import columns as e
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.metric import ITEM, Column, Unit
from coursepulse.metrics.query import FIRST_DAY, Query

_SESSIONS, _EVENTS, _VISITS = "evidence_sessions", "evidence_events", "evidence_visits"

_WEEK = timedelta(days=7)

#: The columns of the events that make a part, and those of a part.
_READ = pl.Schema(
    {
        name: kind
        for name, kind in SESSION_EVENTS.items()
        if name not in ("segments", "score", "passed", "attempt", "clicks")
    }
)
_PART = pl.Schema(
    {"sid": pl.UInt32(), "session_id": pl.Binary(), "student_id": pl.Binary(), "day": pl.Int32()}
)

#: First day and the day after the last.
Window = tuple[date, date]


def _list_sessions(window: Callable[[Query], Window], facts: Facts) -> list[Row]:
    start, end = window(facts.query)
    return [_session(row) for row in facts.found[_SESSIONS] if start <= row["day"] < end]


def _list_outside(facts: Facts) -> list[Row]:
    """Those of the period that belong to no course."""
    return [row for row in _list_sessions(lambda query: query.days, facts) if not row["course_id"]]


def _session(row: Row) -> Row:
    key = f"{row['session_id']}.{row['day']}.{row['course_id']}"
    seconds = {name: row[name] / SECOND for name in ("time_video", "time_quiz", "time_reading")}
    return row | seconds | {"item": key, "time": row["micros"] / SECOND}


def parse_session(item: str) -> Row:
    """What the key of a session says: the values that its events are asked for with."""
    session, day, course = item.split(".", 2)
    return {"session": session, "on": date.fromisoformat(day), "course": course}


def _list_gaps(facts: Facts) -> list[Row]:
    """By the very steps that made the part, out of the same events."""
    day, course = facts.row["day"], facts.row["course_id"]
    events = pl.DataFrame([_event(row) for row in facts.found[_EVENTS]], _READ, orient="row")
    part = pl.DataFrame({"sid": [0], "session_id": [b""], "student_id": [b""], "day": [to_days(day)]}, _PART)
    gaps = list_gaps(events, part).filter(pl.col("course_id") == course)
    return [_gap(row) for row in gaps.iter_rows(named=True)]


def _event(row: Row) -> Row:
    """As rollups hold it: a moment is a number, and of one session there is only one."""
    return row | {"at": to_micros(row["at"]), "event_id": row["event_id"].bytes, "sid": 0}


def _gap(row: Row) -> Row:
    place, item = _place(row)
    return {
        "at": from_micros(row["at"]),
        "event_type": row["event_type"],
        "course_id": row["course_id"],
        "kind": place,
        ITEM: item,
        "gap": row["gap"] / SECOND,
        "next": row["following"],
        "task": row["kind"],
        "time": row["micros"] / SECOND,
        "micros": row["micros"],
    }


def _place(row: Row) -> tuple[str, str]:
    places = {"video": "video_id", "quiz": "assessment_id", "lesson": "lesson_id"}
    return next(((kind, row[column]) for kind, column in places.items() if row[column]), ("", ""))


#: What one part of a session is made of.
GAPS = Proof(
    ItemRule.SUM,
    "gaps",
    (
        e.AT,
        Column("event_type", Unit.TEXT, "Event", "type of the event after which the gap begins"),
        Column("kind", Unit.TEXT, "Kind", "lesson, video or quiz", hidden=True),
        Column(ITEM, Unit.ID, "Where", "the platform's id of the lesson, video or quiz", hidden=True),
        e.TITLE,
        Column("gap", Unit.SECONDS, "Until the next event", "time to the next event of the session"),
        Column("next", Unit.TEXT, "Next event", "type of that event"),
        Column("task", Unit.TEXT, "Counts as", "video, quiz or reading"),
        e.TIME._replace(description="as much of the gap as counts: gaps are cut at a limit"),
        e.MICROS,
    ),
    _list_gaps,
    amount="micros",
    reads=(_EVENTS,),
    scale=SECOND,
    titled=ITEM,
)


def _spent(window: Callable[[Query], Window]) -> Proof:
    return Proof(
        ItemRule.SUM,
        "sessions",
        (
            e.KEY,
            e.FIRST,
            e.LAST,
            e.COURSE_ID,
            e.COURSE,
            e.VIDEO_TIME,
            e.QUIZ_TIME,
            e.READING_TIME,
            e.TIME,
            e.MICROS,
        ),
        partial(_list_sessions, window),
        amount="micros",
        reads=(_SESSIONS,),
        scale=SECOND,
        titled="course_id",
        opens=GAPS,
    )


#: Time in the period, to date, in the last week of the period, and in the week before.
IN_PERIOD = _spent(lambda query: query.days)
TO_DATE = _spent(lambda query: (FIRST_DAY, query.days[1]))
IN_WEEK = _spent(lambda query: (query.days[1] - _WEEK, query.days[1]))
IN_WEEK_BEFORE = _spent(lambda query: (query.days[1] - 2 * _WEEK, query.days[1] - _WEEK))

OUTSIDE = IN_PERIOD._replace(make=_list_outside)

#: At one lesson, to date.
AT_LESSON = Proof(
    ItemRule.SUM,
    "days",
    (e.DAY, e.TIME, e.MICROS),
    lambda facts: list(facts.found["evidence_lesson_days"]),
    amount="micros",
    reads=("evidence_lesson_days",),
    scale=SECOND,
)

#: Visits begun in the period.
VISITS = Proof(
    ItemRule.SUM,
    "sessions",
    (
        e.FIRST,
        e.LAST,
        e.COURSE_ID,
        e.COURSE,
        Column(
            "visits", Unit.COUNT, "Visits", "visits begun that day; a session that was idle begins another"
        ),
    ),
    lambda facts: list(facts.found[_VISITS]),
    amount="visits",
    reads=(_VISITS,),
    titled="course_id",
)
