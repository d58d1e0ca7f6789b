"""Graded work: what was due, handed in, when, and how it was marked beside the rest of the course.

Work counts as due for a student if its date fell after enrolment, and at least half of the course handed it in: work
that most leave out is optional, or its date is wrong.
"""

from __future__ import annotations

import polars as pl

from coursepulse.insight.features.feature import Feature, FeatureUnit, from_work, rank

_EARNED, _POINTS = pl.col("earned_due"), pl.col("points").fill_null(0)
_AHEAD, _HANDED = pl.col("ahead").fill_null(0), pl.col("handed").fill_null(0)
_MISSED = pl.col("missed_load") / pl.col("due_load")

#: Without any graded work in the catalog there is nothing to rank.
_graded = pl.col("whole_load").is_not_null()


def _where_graded(value: pl.Expr) -> pl.Expr:
    return pl.when(_graded).then(value)


GRADED_WORK = (
    Feature(
        "due_share",
        FeatureUnit.SHARE,
        "{value} of the graded work was due so far",
        "weight of work due so far / weight of all work of the course",
        0,
        from_work(pl.col("due_load") / pl.col("whole_load")),
    ),
    Feature(
        "missed_share",
        FeatureUnit.SHARE,
        "Did not hand in {value} of the work that was due",
        "weight of work due and not handed in / weight of work due",
        1,
        from_work(_MISSED),
    ),
    Feature(
        "missed_last",
        FeatureUnit.COUNT,
        "Did not hand in the most recent work ({value})",
        "1 if the latest work due was not handed in, else 0",
        1,
        from_work(pl.col("missed_last")),
    ),
    Feature(
        "missed_row",
        FeatureUnit.COUNT,
        "Did not hand in the last {value} pieces of work",
        "pieces of work due last and not handed in, without a break",
        1,
        from_work(pl.col("missed_row")),
    ),
    Feature(
        "early",
        FeatureUnit.DAYS,
        "Hands in {value} days before the date on average",
        "mean of due date − day of handing in, each between −21 and 21 days; banked results left out",
        0,
        from_work(pl.col("early")),
    ),
    Feature(
        "early_rank",
        FeatureUnit.SHARE,
        "Hands in earlier than {value} of the course",
        "rank of early in the course",
        -1,
        from_work(rank(pl.col("early"))),
    ),
    Feature(
        "early_last_rank",
        FeatureUnit.SHARE,
        "Handed in the latest work earlier than {value} of the course",
        "rank in the course of due date − day of handing in of the latest work handed in",
        -1,
        from_work(rank(pl.col("early_last"))),
    ),
    Feature(
        "late_share",
        FeatureUnit.SHARE,
        "Handed in {value} of the work after its date",
        "work handed in after its due date / work handed in",
        1,
        from_work(pl.col("late")),
    ),
    Feature(
        "above",
        FeatureUnit.SPREAD,
        "Scores {value} standard deviations from the course's mean",
        "mean by weight of (score − mean of the course) / standard deviation, which is at least 5 points",
        -1,
        from_work(pl.col("above")),
    ),
    Feature(
        "above_last",
        FeatureUnit.SPREAD,
        "The latest score is {value} standard deviations from the course's mean",
        "as above, of the latest work marked",
        -1,
        from_work(pl.col("above_last")),
    ),
    Feature(
        "above_worst",
        FeatureUnit.SPREAD,
        "The lowest score is {value} standard deviations from the course's mean",
        "as above, of the work where it is lowest",
        -1,
        from_work(pl.col("above_worst")),
    ),
    Feature(
        "trend",
        FeatureUnit.SPREAD,
        "The latest score moved by {value} standard deviations against earlier ones",
        "above_last − mean of above of earlier work",
        0,
        from_work(pl.col("above_last") - pl.col("above_earlier")),
    ),
    Feature(
        "mean_score",
        FeatureUnit.SHARE,
        "Scores {value} on average",
        "mean score by weight over work marked, of 1",
        -1,
        from_work(pl.col("mean_score") / 100),
    ),
    Feature(
        "earned",
        FeatureUnit.SHARE,
        "Has earned {value} of the points so far",
        "points earned / points of all work due so far; what was not handed in earns none",
        -1,
        from_work(_EARNED / 100),
    ),
    Feature(
        "earned_rank",
        FeatureUnit.SHARE,
        "Has earned more of the points than {value} of the course",
        "rank of earned in the course",
        -1,
        from_work(rank(_EARNED)),
    ),
    Feature(
        "points_rank",
        FeatureUnit.SHARE,
        "Has collected more points than {value} of the course",
        "rank in the course of the points of all work marked so far, due or not",
        -1,
        from_work(_where_graded(rank(_POINTS))),
    ),
    Feature(
        "handed_rank",
        FeatureUnit.SHARE,
        "Has handed in more than {value} of the course",
        "rank in the course of the pieces of work handed in, due or not",
        -1,
        from_work(_where_graded(rank(_HANDED))),
    ),
    Feature(
        "ahead_rank",
        FeatureUnit.SHARE,
        "Is further ahead of the dates than {value} of the course",
        "rank in the course of the pieces of work handed in before their due date comes",
        -1,
        from_work(_where_graded(rank(_AHEAD))),
    ),
    Feature(
        "since_handed_rank",
        FeatureUnit.SHARE,
        "Handed in longer ago than {value} of the course",
        "rank in the course of the days since work was last handed in",
        1,
        from_work(rank(pl.col("since_handed"))),
    ),
    Feature(
        "banked_share",
        FeatureUnit.SHARE,
        "{value} of the work due counts from an earlier run",
        "banked results / work due",
        0,
        from_work(pl.col("banked")),
    ),
    Feature(
        "class_missed",
        FeatureUnit.SHARE,
        "The course as a whole did not hand in {value} of the work",
        "mean of missed_share in the course",
        1,
        from_work(_MISSED.mean().over("course")),
    ),
)
