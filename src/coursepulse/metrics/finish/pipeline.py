"""How long each consumer of the log has been idle."""

from __future__ import annotations

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.kit.clock import SECOND, to_micros
from coursepulse.metrics.query import Query


def finish(found: QueryRows, query: Query) -> list[Row]:
    """Adds the seconds since a consumer last took something in."""
    return [
        row | {"idle": max(0, query.now - to_micros(row["applied_at"])) / SECOND} for row in found["pipeline"]
    ]
