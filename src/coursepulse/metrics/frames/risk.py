"""The risk rule over columns: ``learning/risk.py``, bound to it by a parity test."""

from __future__ import annotations

from datetime import date

import polars as pl

from coursepulse.learning.risk import EXCELLING, SETTLING, STRUGGLING, Bucket, Cause

_silent, _rhythm = pl.col("days_silent"), pl.col("rhythm")
_score, _progress = pl.col("score_pct"), pl.col("completion_pct")


def judge_class(facts: pl.DataFrame, today: date) -> pl.DataFrame:
    """Adds ``days_silent``, ``risk_score``, ``bucket``, and the points for each cause in a column of its name.

    :param facts: one row of ``class_rows`` for everybody who is in one course
    """
    p15, p50 = (
        pl.lit(facts["completion_pct"].quantile(level, "linear"), pl.Float64) for level in (0.15, 0.5)
    )
    silent = pl.lit(today) - pl.col("last_activity_at").dt.date()
    rows = facts.with_columns(days_silent=silent.dt.total_days()).with_columns(_points(p15))
    return rows.with_columns(risk_score=pl.sum_horizontal(*Cause)).with_columns(bucket=_bucket(today, p50))


def _points(p15: pl.Expr) -> list[pl.Expr]:
    points = {
        Cause.NEVER_ACTIVE: 30 * _silent.is_null(),
        Cause.INACTIVE: 30 * (_silent > 4 * _rhythm),
        Cause.SLOWING: 15 * _silent.is_between(2 * _rhythm, 4 * _rhythm, closed="right"),
        Cause.MISSED_DUE: (10 * pl.col("missed")).clip(upper_bound=20),
        Cause.LOW_SCORES: 15 * (_score < 60),
        Cause.FALLING_SCORES: 10 * pl.col("falling"),
        Cause.BEHIND_COHORT: 15 * (_progress < p15),
        Cause.LOW_COVERAGE: 10 * (pl.col("watched_pct") < 40),
    }
    return [points[cause].fill_null(0).cast(pl.Int32).alias(cause) for cause in Cause]


def _bucket(today: date, p50: pl.Expr) -> pl.Expr:
    settling = (pl.lit(today) - pl.col("joined_on")).dt.total_days() < SETTLING
    unknown = settling | (_silent.is_null() & (pl.col("due_passed") == 0))
    shines = (pl.col("risk_score") < EXCELLING) & (_score >= 80) & (_progress >= p50)
    return (
        pl.when(unknown)
        .then(pl.lit(Bucket.UNKNOWN.value))
        .when(pl.col("risk_score") >= STRUGGLING)
        .then(pl.lit(Bucket.STRUGGLING.value))
        .when(shines)
        .then(pl.lit(Bucket.EXCELLING.value))
        .otherwise(pl.lit(Bucket.ON_TRACK.value))
    )
