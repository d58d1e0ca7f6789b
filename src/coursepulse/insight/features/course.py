"""The course itself: what became of others in it. The same for all of its students."""

from __future__ import annotations

import polars as pl

from coursepulse.insight.features.feature import (
    Feature,
    FeatureUnit,
    from_course,
    from_learners,
)

COURSE = (
    Feature(
        "left_share",
        FeatureUnit.SHARE,
        "{value} of those who enrolled have left the course",
        "enrolments that have ended / all enrolments of the course",
        1,
        from_course(pl.col("left_share")),
    ),
    Feature(
        "lost_earlier",
        FeatureUnit.SHARE,
        "In earlier runs of the course, {value} did not pass",
        "enrolments without a pass / all enrolments, in runs of the same course that are over",
        1,
        from_course(pl.col("lost_earlier")),
    ),
    Feature(
        "self_paced",
        FeatureUnit.COUNT,
        "The course has no end ({value})",
        "1 for a self-paced course, 0 for one with dates",
        0,
        from_learners(pl.col("start").is_null()),
    ),
)
