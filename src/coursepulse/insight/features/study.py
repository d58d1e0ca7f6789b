"""Activity and progress: how much, how regularly, how long ago, always beside the rest of the course."""

from __future__ import annotations

import polars as pl

from coursepulse.insight.facts import Pursuit
from coursepulse.insight.features.feature import Feature, FeatureUnit, from_activity, from_progress, rank

#: Days without activity that stand for never having been active.
_NEVER = 999

_heard = pl.col("heard")
_SILENT = pl.when(_heard).then(pl.col("silent").fill_null(pl.col("since").clip(0) + 1))


#: Of the items of the course less of its days: both as shares.
_AHEAD = pl.col("done") / pl.col("size") - pl.col("elapsed") / pl.col("length")


def _more(name: str, column: str, noun: str, definition: str) -> Feature:
    """A rank of a sum over days."""
    return Feature(
        name,
        FeatureUnit.SHARE,
        f"{noun} than {{value}} of the course",
        f"rank in the course of {definition}",
        -1,
        from_activity(rank(pl.col(column))),
    )


STUDY = (
    _more("activity_rank", "count", "Has been more active", "all activity so far"),
    _more("week_rank", "week", "Was more active in the last week", "activity in the last 7 days"),
    _more(
        "fortnight_rank", "fortnight", "Was more active in the last two weeks", "activity in the last 14 days"
    ),
    _more("days_rank", "days", "Was active on more days", "days with activity so far"),
    _more("days_7_rank", "days_7", "Was active on more days of the last week", "active days of the last 7"),
    _more(
        "days_28_rank",
        "days_28",
        "Was active on more days of the last four weeks",
        "active days of the last 28",
    ),
    _more("weeks_rank", "weeks", "Was active in more weeks", "weeks with activity so far"),
    _more("forum_rank", Pursuit.FORUM.value, "Uses the forum more", "activity in forums"),
    _more("quiz_rank", Pursuit.QUIZ.value, "Practises with quizzes more", "activity in quizzes"),
    _more("lesson_rank", Pursuit.LESSON.value, "Works with lessons more", "activity in lessons"),
    _more(
        "visits_rank",
        Pursuit.OTHER.value,
        "Visits the course more",
        "activity outside of lessons, quizzes and the like",
    ),
    Feature(
        "days_14",
        FeatureUnit.DAYS,
        "Was active on {value} of the last 14 days",
        "active days of the last 14",
        -1,
        from_activity(pl.col("days_14")),
    ),
    Feature(
        "silent",
        FeatureUnit.DAYS,
        "Was last active {value} days ago",
        "days since the last activity; since the first day in the course if there was none",
        1,
        from_activity(_SILENT),
    ),
    Feature(
        "silent_rank",
        FeatureUnit.SHARE,
        "Has been silent for longer than {value} of the course",
        "rank in the course of the days since the last activity",
        1,
        from_activity(rank(pl.when(_heard).then(pl.col("silent").fill_null(_NEVER)))),
    ),
    Feature(
        "silent_gaps",
        FeatureUnit.RATIO,
        "Has been silent for {value} times the usual gap",
        "days since the last activity / median days between active days",
        1,
        from_activity(_SILENT / pl.col("gap").fill_null(7).clip(1)),
    ),
    Feature(
        "longest_gap_rank",
        FeatureUnit.SHARE,
        "Has had a longer break than {value} of the course",
        "rank in the course of the longest gap between active days",
        1,
        from_activity(rank(pl.col("longest"))),
    ),
    Feature(
        "spread_rank",
        FeatureUnit.SHARE,
        "Crams into fewer days than {value} of the course",
        "rank in the course of the sum of squared shares that the days have in all activity",
        0,
        from_activity(rank(pl.col("spread"))),
    ),
    Feature(
        "activity_trend",
        FeatureUnit.RATIO,
        "Activity changed by {value} against the two weeks before",
        "log of (activity of the last 14 days + 1) / (activity of the 14 days before + 1)",
        -1,
        from_activity((pl.col("fortnight") + 1).log() - (pl.col("before") + 1).log()),
    ),
    Feature(
        "progress",
        FeatureUnit.SHARE,
        "Has completed {value} of the course",
        "items completed / items of the course",
        -1,
        from_progress(pl.col("done") / pl.col("size")),
    ),
    Feature(
        "ahead",
        FeatureUnit.SHARE,
        "Progress in the course less the time gone by: {value}",
        "progress − elapsed; below 0 behind it, unknown without dates",
        -1,
        from_progress(_AHEAD),
    ),
    Feature(
        "progress_rank",
        FeatureUnit.SHARE,
        "Has completed more than {value} of the course's learners",
        "rank of progress in the course",
        -1,
        from_progress(rank(pl.col("done"))),
    ),
    Feature(
        "pace_rank",
        FeatureUnit.SHARE,
        "Works faster than {value} of the course's learners",
        "rank in the course of items completed per day in the course",
        -1,
        from_progress(rank(pl.col("done") / pl.col("since").clip(1))),
    ),
    Feature(
        "done_lately_rank",
        FeatureUnit.SHARE,
        "Has completed more in the last two weeks than {value} of the course's learners",
        "rank in the course of items completed in the last 14 days",
        -1,
        from_progress(rank(pl.col("done_lately"))),
    ),
    Feature(
        "class_ahead",
        FeatureUnit.SHARE,
        "Mean progress of the course less the time gone by: {value}",
        "mean of ahead in the course",
        -1,
        from_progress(_AHEAD.mean().over("course")),
    ),
    Feature(
        "items_a_week",
        FeatureUnit.COUNT,
        "The course has {value} lessons a week",
        "items of the course / weeks between its first and last day; unknown without dates",
        1,
        from_progress(7 * pl.col("size") / pl.col("length")),
    ),
)
