"""A student beside the class: the own numbers, and those of the others who agreed to be compared."""

from __future__ import annotations

from collections import defaultdict

from coursepulse.aggregates.learner_rows import LearnerRow, read_learners
from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.classmates import spread
from coursepulse.metrics.query import Query


def compare(found: QueryRows, query: Query) -> list[Row]:
    """One row for each course that goes on and that the student is in."""
    classes: dict[str, list[LearnerRow]] = defaultdict(list)
    for learner in read_learners(found):
        classes[learner.row["course_id"]].append(learner)
    rows = (_row(classes[course], query.student) for course in sorted(classes))
    return [row for row in rows if row]


def _row(learners: list[LearnerRow], student: bytes | None) -> Row:
    own = next((one for one in learners if one.row["student_id"].bytes == student), None)
    if own is None or not own.here or own.row["over"]:
        return {}
    others = [one for one in learners if one is not own]
    row: Row = {"course_id": own.row["course_id"], "classmates": len(others)}
    for column in _COMPARED:
        row |= _beside(column, _value(own, column), [_value(one, column) for one in others])
    return row


#: What is compared, each with the name that its columns begin with.
_COMPARED = {"completion_pct": "completion", "score_pct": "score", "time_spent": "time"}


def _beside(column: str, own: float | None, others: list[float | None]) -> Row:
    middle, name = spread(others), _COMPARED[column]
    return {
        column: own,
        f"class_{name}_low": middle.low,
        f"class_{name}_median": middle.median,
        f"class_{name}_high": middle.high,
        f"with_{name}": middle.people,
    }


def _value(learner: LearnerRow, column: str) -> float | None:
    value: float | None = learner.score_pct if column == "score_pct" else learner.row[column]
    return value
