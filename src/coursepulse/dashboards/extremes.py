"""What stands out among rows, for the sentence beside a chart. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from coursepulse.dashboards.reader import Record, Rows


class Extremes(NamedTuple):
    """The rows with the most and the least; the first of several that are alike."""

    most: Record
    least: Record


def find_extremes(rows: Rows, name: str) -> Extremes | None:
    """The extremes of a column among rows that are over; None where nothing is known or all of it is 0."""
    known = [row for row in rows if row[name] is not None and not row.get(SO_FAR)]
    if not any(row[name] for row in known):
        return None
    return Extremes(max(known, key=lambda row: row[name]), min(known, key=lambda row: row[name]))


class Step(NamedTuple):
    """Two neighbours, and by how much the second has less."""

    before: Record
    after: Record
    drop: float


def find_step(rows: Rows, name: str) -> Step | None:
    """The largest step down from one row to the next; None where nothing falls."""
    known = [row for row in rows if row[name] is not None]
    steps = [Step(one, after, one[name] - after[name]) for one, after in pairwise(known)]
    largest = max(steps, key=lambda step: step.drop, default=None)
    return largest if largest and largest.drop > 0 else None


#: What a row says of itself when its day, week or period is not over yet.
SO_FAR = "so_far"
