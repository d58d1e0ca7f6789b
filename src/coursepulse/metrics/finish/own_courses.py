"""The courses of one student."""

from __future__ import annotations

from coursepulse.aggregates.learner_rows import Judge, LearnerRow, read_learners
from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.risk import Cause, Points
from coursepulse.definitions.steps import MOST_STEPS, Advice, advise
from coursepulse.metrics.query import Query


def list_progress(found: QueryRows, _: Query) -> list[Row]:
    """Every course joined, the latest learned in first."""
    rows = [_row(one) | {"status": _status(one)} for one in read_learners(found)]
    by_id = sorted(rows, key=lambda row: row["course_id"])
    return sorted(
        by_id, key=lambda row: (row["last_activity_at"] is not None, row["last_activity_at"]), reverse=True
    )


def _row(learner: LearnerRow) -> Row:
    return learner.row | {"score_pct": learner.score_pct}


def _status(learner: LearnerRow) -> str:
    if learner.row["declared_complete"] or learner.row["completion_pct"] == 100:
        return "completed"
    return "enrolled" if learner.here else "left"


def list_risks(found: QueryRows, query: Query) -> list[Row]:
    """The risk in each course that the student is in, the highest first."""
    judge = Judge(query.moment, found, dict(query.limits))
    rows = [_row(one) | judge.columns(one) for one in read_learners(found) if one.here]
    return sorted(rows, key=lambda row: (-row["risk_score"], row["course_id"]))


def list_steps(found: QueryRows, query: Query) -> list[Row]:
    """The most urgent first; then courses to go on with."""
    pressing = [(row, advice) for row in list_risks(found, query) for advice in advise(_reasons(row))]
    begun = [row for row in list_progress(found, query) if _goes_on(row)]
    steps = [*pressing, *((row, Advice.GO_ON) for row in begun)]
    items = StepItems(found, query)
    return [
        {"course_id": row["course_id"], "advice": advice.value} | items.of(row["course_id"], advice)
        for row, advice in steps[:MOST_STEPS]
    ]


class StepItems:
    """What there is to do about an advice: the lesson, video or piece of work.

    :param found: the rows of ``step_items`` and of the risk rule
    """

    def __init__(self, found: QueryRows, query: Query) -> None:
        judge = Judge(query.moment, found, dict(query.limits))
        self._next = {row["course_id"]: row for row in found["step_items"]}
        self._late = {one.row["course_id"]: judge.overdue(one) for one in read_learners(found)}
        self._kinds = {(row["course_id"], row["assessment_id"]): row["kind"] for row in found["due_rows"]}

    def of(self, course: str, advice: Advice) -> Row:
        """Its kind, id and due date; the course itself where nothing more is known."""
        if advice is Advice.CATCH_UP and self._late.get(course):
            work, due = min(self._late[course], key=lambda each: each[1])
            return {"kind": self._kinds[course, work], "item_id": work, "due_at": due}
        kind, column = _NEXT.get(advice, ("lesson", "lesson_id"))
        item = self._next.get(course, {}).get(column, "")
        named = {"kind": kind, "item_id": item} if item else {"kind": "course", "item_id": course}
        return named | {"due_at": None}


#: What an advice is about, where that is not the next lesson.
_NEXT = {Advice.PRACTISE: ("quiz", "quiz_id"), Advice.WATCH_REST: ("video", "video_id")}


def _goes_on(row: Row) -> bool:
    """Begun, not left, not completed, and the course is not over."""
    return row["status"] == "enrolled" and not row["over"] and row["lessons_completed"] > 0


def _reasons(row: Row) -> list[Points]:
    return [Points(Cause(cause), points) for cause, points in row["reasons"]]
