"""The risk rule of ``definitions/risk.py`` over columns: ``tests/metrics/test_risk.py`` binds the two."""

from __future__ import annotations

from datetime import date

import polars as pl

from coursepulse.definitions.risk import (
    ALL_MISSED,
    EXCELLING,
    FAR,
    FEWEST,
    HEARD,
    LOWEST,
    NEAR,
    QUIET,
    SETTLING,
    USUAL_LIMITS,
    Bucket,
    Cause,
    RiskLimits,
)

_silent, _rhythm = pl.col("days_silent"), pl.col("rhythm")
_score, _progress = pl.col("score_pct"), pl.col("completion_pct")
_due, _missed = pl.col("due_passed"), pl.col("missed")


def judge_class(learners: pl.DataFrame, today: date, limits: RiskLimits = USUAL_LIMITS) -> pl.DataFrame:
    """Adds ``days_silent``, ``missed``, ``risk_score``, ``bucket`` and the points for each cause, by its name.

    :param learners: one row of ``class_rows`` for everybody who is in one course
    :param limits: those of the course at that moment
    """
    p15, p50 = (
        pl.lit(learners["completion_pct"].quantile(level, "linear"), pl.Float64) for level in (0.15, 0.5)
    )
    heard = learners["heard"].sum() >= HEARD * learners.height
    silent = pl.lit(today) - pl.col("last_activity_at").dt.date()
    rows = learners.with_columns(*_count_due(learners), days_silent=silent.dt.total_days())
    judged = rows.with_columns(_points(p15, heard, limits))
    scored = judged.with_columns(risk_score=pl.sum_horizontal(*Cause))
    return scored.with_columns(bucket=_bucket(today, p50, heard, limits))


def _count_due(learners: pl.DataFrame) -> list[pl.Expr]:
    """The due dates of each learner that count, and how many were missed: ``has_met`` of ``definitions/risk.py``."""
    expected, missing = (_tally(learners, column) for column in ("due", "missing"))
    works = expected.join(missing, on="work", how="left", suffix="_missing")
    met = pl.col("count") - pl.col("count_missing").fill_null(0)
    counts = works.filter((pl.col("count") < FEWEST) | (2 * met >= pl.col("count")))["work"].implode()
    return [
        pl.col(column).list.eval(pl.element().is_in(counts)).list.sum().cast(pl.Int32).alias(name)
        for column, name in (("due", "due_passed"), ("missing", "missed"))
    ]


def _tally(learners: pl.DataFrame, column: str) -> pl.DataFrame:
    works = learners.select(work=pl.col(column).explode()).drop_nulls()
    return works.group_by("work").agg(count=pl.len().cast(pl.Int64))


def _points(p15: pl.Expr, heard: bool, limits: RiskLimits) -> list[pl.Expr]:
    low = ((90 - _score) / 2 + NEAR).floor().clip(0, LOWEST)
    open_ = ~pl.col("completed") & ~pl.col("over")
    points = {
        Cause.NEVER_ACTIVE: 20 * (_silent.is_null() & heard),
        Cause.INACTIVE: 15 * ((_silent > pl.max_horizontal(QUIET, 4 * _rhythm)) & heard),
        Cause.MISSED_DUE: (2 * ALL_MISSED * _missed + _due) // (2 * _due) * (_missed > 0),
        Cause.NO_RESULT: 10 * (pl.col("graded") & _score.is_null()),
        Cause.LOW_SCORES: low * (_score < limits.low_score),
        Cause.FAIR_SCORES: low * (_score >= limits.low_score),
        Cause.FALLING_SCORES: 5 * pl.col("falling"),
        Cause.BEHIND_COHORT: 10 * (_progress < p15),
        Cause.LOW_COVERAGE: 5 * (pl.col("watched_pct") < 40),
    }
    return [(points[cause] * open_).fill_null(0).cast(pl.Int32).alias(cause) for cause in Cause]


def _bucket(today: date, p50: pl.Expr, heard: bool, limits: RiskLimits) -> pl.Expr:
    settling = (pl.lit(today) - pl.col("joined_on")).dt.total_days() < SETTLING
    unknown = settling | (_silent.is_null() & (_due == 0) & (not heard))
    ahead = _progress >= pl.max_horizontal(p50, FAR)
    shines = (pl.col("risk_score") < EXCELLING) & (_score >= limits.high_score) & ahead
    verdicts = {
        Bucket.COMPLETED: pl.col("completed"),
        Bucket.OVER: pl.col("over"),
        Bucket.UNKNOWN: unknown,
        Bucket.STRUGGLING: pl.col("risk_score") >= limits.struggling,
        Bucket.EXCELLING: shines,
    }
    reached = [pl.when(holds).then(pl.lit(bucket.value)) for bucket, holds in verdicts.items()]
    return pl.coalesce(*reached, pl.lit(Bucket.ON_TRACK.value))
