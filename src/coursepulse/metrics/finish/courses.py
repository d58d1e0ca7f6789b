"""Metrics whose rows are learners of one course."""

from __future__ import annotations

from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Parts, Row

#: The queries behind metrics with one row per learner.
CLASS = ("class_rows", "engagement_rows")

_ABSENT = {"band": None, "engagement_score": None}


def list_class(parts: Parts, _: Query) -> list[Row]:
    """One row per learner who is in the course, with risk and engagement."""
    weeks = {row["student_id"]: row for row in parts["engagement_rows"]}
    rows = parts["class_rows"]
    for row in rows:
        week = weeks.get(row["student_id"], _ABSENT)
        row["engagement"], row["engagement_score"] = week["band"], week["engagement_score"]
    return list(rows)
