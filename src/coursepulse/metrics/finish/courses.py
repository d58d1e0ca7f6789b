"""Metrics whose rows are learners of one course, judged over columns."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from coursepulse.aggregates.engagement import judge_weeks
from coursepulse.aggregates.risk import judge_class
from coursepulse.aggregates.row import QueryFrames, Row
from coursepulse.definitions.engagement import MEASURES, Band
from coursepulse.definitions.risk import Cause
from coursepulse.kit.clock import from_micros
from coursepulse.metrics.query import Query
from coursepulse.metrics.wanted import LearnerStatus

#: How far somebody is: whether a course is over makes no difference to that.
_STATUS = (
    pl.when(pl.col("completed"))
    .then(pl.lit(LearnerStatus.COMPLETED.value))
    .when(pl.col("last_activity_at").is_null())
    .then(pl.lit(LearnerStatus.NOT_STARTED.value))
    .otherwise(pl.lit(LearnerStatus.IN_PROGRESS.value))
)

#: The queries behind metrics with one row per learner.
CLASS = ("class_rows", "engagement_rows")


def list_class(frames: QueryFrames, query: Query) -> pl.DataFrame:
    """One row per learner who is in the course, with risk and engagement."""
    limits = query.own_limits
    judged = judge_class(frames["class_rows"], from_micros(query.moment).date(), limits)
    week = judge_weeks(frames["engagement_rows"]).select("student_id", "engagement_score", engagement="band")
    listed = judged.join(week, on="student_id", how="left").sort("student_id")
    cut = {"struggling_from": limits.struggling, "low_score": limits.low_score}
    return listed.with_columns(status=_STATUS, **{name: pl.lit(value) for name, value in cut.items()})


def list_weeks(frames: QueryFrames, _: Query) -> pl.DataFrame:
    """One row per week and active learner."""
    return judge_weeks(frames["course_engagement"]).sort("week", "student_id")


def count_bands(frames: QueryFrames, _: Query) -> pl.DataFrame:
    """One row per week, with the active learners of each band."""
    learners = judge_weeks(frames["course_engagement"])
    counts = {band.value: (pl.col("band") == band.value).sum() for band in Band}
    return learners.group_by("week").agg(active_learners=pl.len(), **counts).sort("week")


def give_reasons(rows: Sequence[Row]) -> list[Row]:
    """The rows with the causes for which there are points."""
    return [row | {"reasons": [(cause.value, row[cause]) for cause in Cause if row[cause]]} for row in rows]


def name_measures(rows: Sequence[Row]) -> list[Row]:
    """The rows with the measures that are below p15 and above p85."""
    return [row | {band.value: _beyond(row, band) for band in (Band.LOW, Band.HIGH)} for row in rows]


def _beyond(row: Row, band: Band) -> list[str]:
    return [name for name in MEASURES if row[f"{band}_{name}"]]
