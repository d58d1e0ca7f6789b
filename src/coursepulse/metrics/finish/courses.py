"""Metrics whose rows are learners of one course."""

from __future__ import annotations

from coursepulse.metrics.finish.learners import LEARNERS, Judge, Learner, class_marks, join_learners
from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Parts, Row

#: The queries behind metrics with one row per learner.
CLASS = (*LEARNERS, "due_rows", "engagement_rows")


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
