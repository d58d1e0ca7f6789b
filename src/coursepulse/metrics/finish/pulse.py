"""What the pipeline takes in at this moment, in the units of the metric."""

from __future__ import annotations

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.query import Query


def finish(found: QueryRows, query: Query) -> list[Row]:  # noqa: ARG001 - every such rule has one signature
    """Rounded to what a reader can tell apart."""
    return [
        row
        | {
            "events_per_second": round(row["per_second"], 1),
            "delay": None if row["delay"] is None else round(max(0, row["delay"]) / SECOND, 1),
        }
        for row in found["pulse"]
    ]
