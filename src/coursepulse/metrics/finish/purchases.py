"""Metrics about what a team's organisation has bought: seats and budgets."""

from __future__ import annotations

from datetime import date

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.metrics.query import Query

#: The queries of the roster behind it.
SEATS, BUDGETS = "seats", "budgets"


def list_seats(found: QueryRows, _: Query) -> list[Row]:
    """One row per licence."""
    return [
        row
        | {
            "free": row["bought"] - row["assigned"],
            "activated_pct": _share(row["activated"], row["assigned"]),
        }
        for row in found[SEATS]
    ]


def list_budgets(found: QueryRows, query: Query) -> list[Row]:
    """One row per budget."""
    return [
        row
        | {
            "amount": float(row["amount"]),
            "spent": float(row["spent"]),
            "left": float(row["amount"] - row["spent"]),
            "spent_pct": _share(float(row["spent"]), float(row["amount"])),
            "elapsed_pct": _elapsed(row["starts_on"], row["ends_on"], query.judged_on),
        }
        for row in found[BUDGETS]
    ]


def _share(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _elapsed(starts_on: date, ends_on: date, today: date) -> float:
    """How much of the period is over, in per cent; both days belong to it."""
    days = (ends_on - starts_on).days + 1
    return 100 * min(max((today - starts_on).days, 0), days) / days
