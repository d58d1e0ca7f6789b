"""Metrics whose rows are learners of one course."""

from __future__ import annotations

import polars as pl

from coursepulse.kit.clock import from_micros
from coursepulse.learning.risk import Cause
from coursepulse.metrics.frames.risk import judge_class
from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Frames, Parts, Row

#: The queries behind metrics with one row per learner.
CLASS = ("class_rows", "engagement_rows")


def list_class(frames: Frames, query: Query) -> pl.DataFrame:
    """One row per learner who is in the course, with risk and engagement."""
    judged = judge_class(frames["class_rows"], from_micros(query.moment).date())
    weeks = frames["engagement_rows"].rename({"band": "engagement"})
    return judged.join(weeks, on="student_id", how="left").sort("student_id")


def give_reasons(parts: Parts, _: Query) -> list[Row]:
    """The rows of a page with the causes for which there are points."""
    return [
        row | {"reasons": [(cause.value, row[cause]) for cause in Cause if row[cause]]}
        for rows in parts.values()
        for row in rows
    ]
