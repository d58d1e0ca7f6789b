"""The weeks of a run of a course, with intervals."""

from __future__ import annotations

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.intervals import Interval, mean_interval, wilson
from coursepulse.metrics.query import Query

#: Below that, Student's interval is no longer near enough (:mod:`coursepulse.definitions.intervals`).
_FEWEST = 10


def add_intervals(found: QueryRows, _: Query) -> list[Row]:
    """One row per week, with what chance alone could make of each number."""
    return [row | _intervals(row) for row in found["course_weeks"]]


def _intervals(row: Row) -> Row:
    return {
        **_named("active", wilson(row["active_learners"], row["learners"])),
        **_named("completion", _around(row, "completion")),
        **_named("score", _around(row, "score")),
    }


def _around(row: Row, name: str) -> Interval | None:
    mean, deviation, number = row[f"{name}_pct"], row[f"{name}_spread"], row[f"with_{name}"]
    if mean is None or deviation is None or number < _FEWEST:
        return None
    return mean_interval(mean, deviation**2, number)


def _named(name: str, found: Interval | None) -> Row:
    low, high = found or (None, None)
    return {f"{name}_low": low, f"{name}_high": high}
