"""Metrics whose rows are learners of one course, or the courses themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from coursepulse.learning.stats import mean
from coursepulse.metrics.finish.learners import LEARNERS, Judge, Learner, class_marks, join_learners
from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Parts, Row

#: The queries behind metrics with one row per learner.
CLASS = (*LEARNERS, "due_rows", "engagement_rows")

#: The queries behind metrics with one row per course; coverage only where it is shown.
SUMMARY = (*LEARNERS, "enrolled_rows")
OVERVIEW = ("learner_rows", "score_rows", "enrolled_rows")


def list_class(parts: Parts, query: Query) -> list[Row]:
    """One row per learner who is in the course, with risk and engagement."""
    present = [one for one in join_learners(parts) if one.here]
    judge = Judge(query, parts["due_rows"], {query.course: class_marks(present)})
    weeks = {row["student_id"]: row for row in parts["engagement_rows"]}
    return [_row(one) | judge.columns(one) | _engagement(weeks.get(one.row["student_id"])) for one in present]


def _row(learner: Learner) -> Row:
    return learner.row | {"score_pct": learner.score_pct, "watched_pct": learner.watched_pct}


def _engagement(week: Row | None) -> Row:
    if week is None:
        return {"engagement": None, "engagement_score": None}
    return {"engagement": week["band"], "engagement_score": week["engagement_score"]}


def summarise_course(parts: Parts, query: Query) -> list[Row]:
    """One row about the class as a whole."""
    return [_summary(query.course, join_learners(parts), _enrolled(parts).get(query.course, 0))]


def list_courses(parts: Parts, _: Query) -> list[Row]:
    """One row per course."""
    classes: dict[str, list[Learner]] = defaultdict(list)
    for one in join_learners({**parts, "coverage_rows": ()}):
        classes[one.row["course_id"]].append(one)
    enrolled = _enrolled(parts)
    return [
        _summary(course, classes.get(course, []), enrolled.get(course, 0)) for course in classes | enrolled
    ]


def _enrolled(parts: Parts) -> dict[str, int]:
    """Learners in each course, whether or not they agreed to anything else."""
    return {row["course_id"]: row["learners_enrolled"] for row in parts["enrolled_rows"]}


def _summary(course: str, everybody: Sequence[Learner], enrolled: int) -> Row:
    present = [one for one in everybody if one.here]
    return {
        "course_id": course,
        "learners_enrolled": enrolled,
        "active_learners": sum(one.row["days_active"] > 0 for one in everybody),
        "time_spent": sum(one.row["time_spent"] for one in everybody),
        "completion_pct": _mean(one.row["completion_pct"] for one in present),
        "score_pct": _mean(one.score_pct for one in present),
        "watched_pct": _mean(one.watched_pct for one in present),
    }


def _mean(values: Iterable[float | None]) -> float | None:
    return mean(value for value in values if value is not None)
