"""Whether messages helped: those written to against those with the same reason who were not."""

from __future__ import annotations

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.comparisons import compare_shares
from coursepulse.metrics.query import Query


def compare_written(found: QueryRows, _: Query) -> list[Row]:
    """One row per reason, with the difference and its interval."""
    return [row | _difference(row) for row in found["course_messages"]]


def _difference(row: Row) -> Row:
    sides = [row[name] for name in ("written_active", "written", "others_active", "others")]
    found = compare_shares(*sides)
    return dict(zip(("difference", "low", "high"), found or (None, None, None), strict=True))
