"""How fast a student goes on in each course, when that leads to the end, and what is due before."""

from __future__ import annotations

from datetime import date, timedelta

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.pace import LearningPace, PaceState, find_pace
from coursepulse.kit.clock import utc_date
from coursepulse.metrics.query import Query

#: The query behind it.
ROWS = "pace_rows"


def list_pace(found: QueryRows, query: Query) -> list[Row]:
    """One row per course that the student is in and that is not over."""
    return [_row(row, judge_pace(row, query)) for row in found[ROWS] if not (row["gone"] or row["over"])]


def judge_pace(row: Row, query: Query) -> LearningPace:
    """The pace in one course, on the last day of the period; of one without a catalog nobody knows how much is left."""
    if row["declared_on"]:
        return LearningPace(PaceState.COMPLETED)
    if not row["total"]:
        return LearningPace(PaceState.TOO_EARLY)
    return find_pace(row["begun_on"], row["completed_on"], row["total"], utc_date(query.moment))


def list_lessons(row: Row, query: Query) -> list[Row]:
    """The lessons that make the pace of one course."""
    pace, today = judge_pace(row, query), utc_date(query.moment)
    first: date = today - timedelta(days=pace.days - 1)
    done = zip(row["lessons"], row["completed_on"], strict=True)
    return [
        {"course_id": row["course_id"], "lesson_id": lesson, "day": day}
        for lesson, day in done
        if day >= first
    ]


def _row(row: Row, pace: LearningPace) -> Row:
    due = row["next_id"] is not None
    return {
        "course_id": row["course_id"],
        "pace": pace.state.value,
        "lessons_left": pace.left if row["total"] or row["declared_on"] else None,
        "lessons_lately": pace.lessons,
        "days_lately": pace.days,
        "finish_from": pace.first,
        "finish_to": pace.last,
        "next_due_at": row["next_due_at"],
        "kind": row["next_kind"] if due else "course",
        "item_id": row["next_id"] if due else row["course_id"],
    }
