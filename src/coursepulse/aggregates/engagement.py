"""Engagement over columns. ``tests/reference/engagement.py`` judges learner by learner; a parity test binds the two."""

from __future__ import annotations

import polars as pl

from coursepulse.definitions.engagement import AGREEING, MEASURES, Band


def judge_weeks(measures: pl.DataFrame) -> pl.DataFrame:
    """Adds ``engagement_score``, ``band``, and for each measure whether it speaks for one: ``low_lessons`` and so on.

    :param measures: one row per ISO week and student of one course, of everybody who was active in these weeks
    """
    weeks = measures.partition_by("week") or [measures]
    return pl.concat([_judge_week(week) for week in weeks])


def _judge_week(rows: pl.DataFrame) -> pl.DataFrame:
    p15, p85 = (rows.select(pl.col(*MEASURES).quantile(level, "linear")) for level in (0.15, 0.85))
    # Where most learners are equal, nobody is above them.
    speak = {f"{Band.LOW}_{name}": pl.col(name) < p15[name] for name in MEASURES} | {
        f"{Band.HIGH}_{name}": (pl.col(name) > p85[name]) & (p85[name] > p15[name]) for name in MEASURES
    }
    score = 100 * pl.mean_horizontal(_percentile_rank(name) for name in MEASURES)
    return rows.with_columns(engagement_score=score, **speak).with_columns(band=_band())


def _percentile_rank(name: str) -> pl.Expr:
    # The mean rank of equal values, from 1, counts those below and half of themselves, and half a place more.
    return (pl.col(name).rank("average") - 0.5) / pl.len()


def _band() -> pl.Expr:
    low, high = (pl.sum_horizontal(f"{band}_{name}" for name in MEASURES) for band in (Band.LOW, Band.HIGH))
    return (
        pl.when(low >= AGREEING)
        .then(pl.lit(Band.LOW.value))
        .when(high >= AGREEING)
        .then(pl.lit(Band.HIGH.value))
        .otherwise(pl.lit(Band.NORMAL.value))
    )
