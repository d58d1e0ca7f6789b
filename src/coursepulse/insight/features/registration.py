"""What is known from the day of enrolment: when it was, and what else was studied."""

from __future__ import annotations

import polars as pl

from coursepulse.insight.features.feature import Feature, FeatureUnit, from_learners, rank

_AHEAD = (pl.col("start") - pl.col("registered")).dt.total_days()

REGISTRATION = (
    Feature(
        "days_in_course",
        FeatureUnit.DAYS,
        "Has been in the course for {value} days",
        "days since the later of enrolment and the first day of the course",
        0,
        from_learners(pl.col("since")),
    ),
    Feature(
        "elapsed",
        FeatureUnit.SHARE,
        "{value} of the course has passed",
        "days since the first day of the course / its length; unknown without dates",
        0,
        from_learners(pl.col("elapsed") / pl.col("length")),
    ),
    Feature(
        "enrolled_ahead",
        FeatureUnit.DAYS,
        "Enrolled {value} days before the course began",
        "first day of the course − day of enrolment; unknown without dates",
        0,
        from_learners(_AHEAD),
    ),
    Feature(
        "enrolled_ahead_rank",
        FeatureUnit.SHARE,
        "Enrolled earlier than {value} of the course",
        "rank of enrolled_ahead in the course",
        0,
        from_learners(rank(_AHEAD)),
    ),
    Feature(
        "attempts_before",
        FeatureUnit.COUNT,
        "Has taken this course {value} times before",
        "earlier attempts at the same course, as the roster says",
        1,
        from_learners(pl.col("attempts_before")),
    ),
    Feature(
        "lost_before",
        FeatureUnit.COUNT,
        "Has failed or left {value} other courses",
        "enrolments of the student in other courses that ended without a pass, as far as known on the day",
        1,
        from_learners(pl.col("lost_before").fill_null(0)),
    ),
    Feature(
        "credits",
        FeatureUnit.COUNT,
        "Studies for {value} credits at the same time",
        "credits of everything that the student studies at the time, as the roster says",
        0,
        from_learners(pl.col("credits")),
    ),
    Feature(
        "credits_rank",
        FeatureUnit.SHARE,
        "Studies for more credits than {value} of the course",
        "rank of credits in the course",
        0,
        from_learners(rank(pl.col("credits"))),
    ),
)
