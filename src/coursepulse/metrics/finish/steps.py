"""Whether next steps were taken, and how those who took them went on beside others like them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.outcomes.logistic import Floats
from coursepulse.definitions.outcomes.matching import match
from coursepulse.metrics.finish.messages import FEATURES, tell_pairs
from coursepulse.metrics.query import Query

PEOPLE = "step_people"

#: The row about every advice.
ANY = "any"


def compare_followed(found: QueryRows, _: Query) -> list[Row]:
    """Every advice together, then each: who did it, and who of them went on.

    Somebody counts once in a row, with the step that they saw first.
    """
    rows = sorted(found[PEOPLE], key=lambda row: (row["day"], row["student_id"], row["advice"]))
    kinds = sorted({row["advice"] for row in rows})
    parts = [(ANY, rows), *((kind, [row for row in rows if row["advice"] == kind]) for kind in kinds)]
    return [_tell(advice, list(_first_of_each(part)), kinds) for advice, part in parts if part]


def _first_of_each(rows: Sequence[Row]) -> Iterator[Row]:
    seen = set()
    for row in rows:
        if row["student_id"] not in seen:
            seen.add(row["student_id"])
            yield row


def _tell(advice: str, rows: Sequence[Row], kinds: Sequence[str]) -> Row:
    followed = np.array([row["followed"] for row in rows], dtype=bool)
    went_on = np.array([row["went_on"] for row in rows], dtype=bool)
    pairs = match(_known_before(rows, kinds), followed, went_on)
    return {
        "advice": advice,
        "learners": len(rows),
        "followed": int(followed.sum()),
        "followed_pct": 100 * float(followed.mean()),
        **tell_pairs(pairs, "went_on_pct", "others_on_pct"),
    }


def _known_before(rows: Sequence[Row], kinds: Sequence[str]) -> Floats:
    """What was known the day before, and the advice itself: who is told to come back is unlike who is told to go on."""
    known = [[float(row[name]) for name in FEATURES] for row in rows]
    told = [[float(row["advice"] == kind) for kind in kinds] for row in rows]
    return np.column_stack([np.array(known), np.array(told)])
