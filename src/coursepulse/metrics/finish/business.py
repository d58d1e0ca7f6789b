"""What courses bring in, and which do well."""

from __future__ import annotations

from collections import defaultdict

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.intervals import FAIR, mean_interval, wilson
from coursepulse.events.currencies import MONEY_PARTS
from coursepulse.metrics.query import Query

REVENUE, RANKS = "revenue", "course_ranks"

_COUNTED = ("payments", "refunds", "paid_parts", "refunded_parts")


def list_revenue(found: QueryRows, _: Query) -> list[Row]:
    """One row per month, currency and course, the latest month first."""
    rows = [row | _amounts(row) for row in found[REVENUE]]
    return sorted(
        rows, key=lambda row: (-row["month"].toordinal(), row["currency"], -row["net"], row["course_id"])
    )


def list_currencies(found: QueryRows, _: Query) -> list[Row]:
    """One row per currency. Currencies are never added: nobody here knows the rates."""
    rows = defaultdict[str, list[Row]](list)
    for row in found[REVENUE]:
        rows[row["currency"]].append(row)
    sums = (
        {
            "currency": currency,
            "courses": len({row["course_id"] for row in told if row["course_id"]}),
            **{name: sum(row[name] for row in told) for name in _COUNTED},
        }
        for currency, told in rows.items()
    )
    return sorted((row | _amounts(row) for row in sums), key=lambda row: (-row["payments"], row["currency"]))


def _amounts(row: Row) -> Row:
    """Divided once, at the end: sums of whole parts are exact."""
    paid, refunded = row["paid_parts"], row["refunded_parts"]
    return {
        "paid": paid / MONEY_PARTS,
        "refunded": refunded / MONEY_PARTS,
        "net": (paid - refunded) / MONEY_PARTS,
    }


def list_ranks(found: QueryRows, _: Query) -> list[Row]:
    """Each course that is large enough, with its shares, means and their bounds; the surest completion first."""
    rows = [row | _completion(row) | _score(row) for row in found[RANKS]]
    return sorted(rows, key=lambda row: (-row["completed_low"], row["course_id"]))


def _completion(row: Row) -> Row:
    low, high = wilson(row["completed"], row["learners"])
    share = 100 * row["completed"] / row["learners"]
    return {"completed_pct": share, "completed_low": low, "completed_high": high}


def _score(row: Row) -> Row:
    """Nothing where too few have a score."""
    if row["scored"] < FAIR:
        return {"score_pct": None, "score_low": None, "score_high": None}
    low, high = mean_interval(row["score_pct"], row["variance"], row["scored"])
    return {"score_low": low, "score_high": high}
