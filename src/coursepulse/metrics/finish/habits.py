"""How people study: the habits of one student, and groups of a class that study alike, where there are any."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from coursepulse.aggregates.row import QueryFrames, QueryRows, Row
from coursepulse.definitions.activity import zone_of
from coursepulse.definitions.patterns import Patterns, find_patterns
from coursepulse.metrics.query import Query

READS = ("study_habits",)

#: What is looked at, as it is called in answers.
HABITS = (
    *("days_a_week", "time_a_day", "usual_hour", "in_order_pct"),
    *("discussion_pct", "replay_pct", "speed"),
)

#: Somebody with fewer days has no habits yet.
FEWEST_DAYS = 3

#: The hour with which a day begins for somebody who learns at night.
_MORNING = 4

#: A habit that fewer of a class have, such as a speed without videos, is not looked at.
_COMMON = 0.8

#: A group does something more or less than the class if it is so many standard deviations away.
_APART = 0.5

_SCHEMA: dict[str, pl.DataType] = {
    "pattern": pl.String(),
    "learners": pl.Int64(),
    "share_pct": pl.Float64(),
    **{name: pl.Float64() for name in HABITS},
    "traits": pl.List(pl.String()),
}


def list_own(found: QueryRows, _: Query) -> list[Row]:
    """One row per course in which the student has habits."""
    rows = [row | {"student_id": 0} for row in found["study_habits"]]
    if not rows:
        return []
    own = habits_of(pl.DataFrame(rows, schema_overrides={"speed": pl.Float64}))
    own = own.with_columns(pl.col("usual_hour") % 24)
    return own.select("course_id", "active_days", *HABITS).sort("course_id").to_dicts()


def add_up(frames: QueryFrames, _: Query) -> pl.DataFrame:
    """One row per group; none where the class has no groups that hold."""
    known, names, found = divide(frames["study_habits"])
    if found is None:
        return pl.DataFrame(schema=_SCHEMA)
    told = _tell_traits(names, found)
    grouped = (
        known.with_columns(group=pl.Series(found.group))
        .group_by("group")
        .agg(learners=pl.len().cast(pl.Int64), **{name: pl.col(name).mean() for name in HABITS})
        .sort("learners", "group", descending=(True, False))
    )
    return grouped.with_columns(
        pattern=pl.int_range(1, pl.len() + 1).cast(pl.String),
        usual_hour=pl.col("usual_hour") % 24,
        share_pct=100 * pl.col("learners") / known.height,
        traits=pl.Series([told[group] for group in grouped["group"]], dtype=pl.List(pl.String())),
    ).select(*_SCHEMA)


def divide(rows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...], Patterns | None]:
    """Learners with the habits that most have, the names of these, and their groups if there are any."""
    table = habits_of(rows)
    names = tuple(name for name in HABITS if table[name].count() >= _COMMON * max(1, table.height))
    known = table.drop_nulls(names).sort("course_id", pl.col("student_id").cast(pl.Binary))
    return known, names, find_patterns(known.select(names).to_numpy().astype(np.float64)) if names else None


def habits_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The habits of everybody with days enough."""
    known = rows.filter(pl.col("active_days") >= FEWEST_DAYS)
    hours = [_usual_hour(quarters, zone) for quarters, zone in known.select("quarters", "zone").iter_rows()]
    days, played = pl.col("active_days"), pl.col("covered") + pl.col("repeated")
    return known.with_columns(
        days_a_week=7 * days / pl.max_horizontal(pl.col("known_days"), 7),
        time_a_day=pl.col("time_spent") / days,
        usual_hour=pl.Series(hours, dtype=pl.Float64),
        in_order_pct=100 * pl.col("onward") / pl.when(pl.col("moves") > 0).then(pl.col("moves")),
        discussion_pct=100 * pl.col("discussion_days") / days,
        replay_pct=100 * pl.col("repeated") / pl.when(played > 0).then(played),
    )


def _usual_hour(quarters: list[int], zone: str) -> float:
    """The mean hour of a student's own clock at which they learn; 1:00 is later than 23:00, and counts as 25."""
    clock = zone_of(zone)
    hours = [_late_hour(datetime.fromtimestamp(each, clock)) for each in quarters]
    return sum(hours) / len(hours)


def _late_hour(moment: datetime) -> float:
    hour = moment.hour + moment.minute / 60
    return hour if hour >= _MORNING else hour + 24


def _tell_traits(names: tuple[str, ...], found: Patterns) -> dict[int, list[str]]:
    """By group: what it does more or less than the class, the most striking first."""
    told: dict[int, list[str]] = {}
    for group, center in enumerate(found.centers.tolist()):
        ordered = sorted(zip(names, center, strict=True), key=lambda each: (-abs(each[1]), each[0]))
        told[group] = [
            f"{name}.{'more' if far > 0 else 'less'}" for name, far in ordered if abs(far) >= _APART
        ]
    return told
