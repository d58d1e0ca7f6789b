"""Whether messages helped: those written to against those with the same reason who were not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.comparisons import compare_shares
from coursepulse.definitions.outcomes.matching import Matched, match
from coursepulse.metrics.query import Query


def compare_written(found: QueryRows, _: Query) -> list[Row]:
    """One row per reason, with the difference and its interval."""
    return [row | _difference(row) for row in found["course_messages"]]


def _difference(row: Row) -> Row:
    sides = [row[name] for name in ("written_active", "written", "others_active", "others")]
    found = compare_shares(*sides)
    return dict(zip(("difference", "low", "high"), found or (None, None, None), strict=True))


DRAWN_PEOPLE = "draw_people"


def compare_drawn(found: QueryRows, _: Query) -> list[Row]:
    """One row: those drawn to be written to at once beside those drawn to wait, whatever was done afterwards."""
    rows = found[DRAWN_PEOPLE]
    some, others = ([row for row in rows if bool(row["at_once"]) is side] for side in (True, False))
    if not rows:
        return []
    sides = [sum(row["back"] for row in some), len(some), sum(row["back"] for row in others), len(others)]
    told = dict(zip(("written_active", "written", "others_active", "others"), sides, strict=True))
    shares = {
        "written_pct": 100 * sides[0] / sides[1] if some else None,
        "others_pct": 100 * sides[2] / sides[3] if others else None,
    }
    return [{**told, **shares, "early": sum(row["early"] for row in others), **_difference(told)}]


PEOPLE = "message_people"

#: What was known of a learner the day before, by which two are alike.
FEATURES = (
    *("silent", "days_active", "days_lately", "minutes_lately"),
    *("lessons", "score", "has_score", "since_joined"),
)


def compare_matched(found: QueryRows, _: Query) -> list[Row]:
    """One row: those written to beside others like them, who were not."""
    rows = found[PEOPLE]
    written = [row for row in rows if row["written"]]
    if not written:
        return []
    pairs = match(
        np.array([[row[name] for name in FEATURES] for row in rows], dtype=float),
        np.array([row["written"] for row in rows], dtype=bool),
        np.array([row["back"] for row in rows], dtype=bool),
    )
    return [
        {
            "written": len(written),
            "others": len(rows) - len(written),
            **tell_pairs(pairs, "back_pct", "others_pct"),
        }
    ]


def tell_pairs(pairs: Matched | None, outcome: str, others: str) -> Row:
    """What comes of pairs, in per cent and points; null where there are too few.

    :param outcome: name of the column with the share of the treated; ``others`` of that of their partners
    """
    names = ("pairs", "overlap_pct", outcome, others, "apart", "apart_after")
    if pairs is None:
        return dict.fromkeys((*names, "difference", "low", "high"))
    shares = (100 * pairs.overlap, 100 * pairs.share, 100 * pairs.others_share)
    values = (pairs.pairs, *shares, _largest(pairs.apart), _largest(pairs.apart_after))
    bounds = zip(("difference", "low", "high"), pairs.difference, strict=True)
    return {**dict(zip(names, values, strict=True)), **{name: 100 * value for name, value in bounds}}


def _largest(apart: Sequence[float]) -> float:
    return max(abs(each) for each in apart)
