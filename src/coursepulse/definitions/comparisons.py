"""Two shares set against each other, with what chance alone could do to the difference."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

#: Fewer people on either side say nothing.
FEWEST = 5

#: The standard normal quantile of an interval of 95 %.
_Z = 1.959963984540054


class ShareDifference(NamedTuple):
    """Points of per cent by which one share is larger than another, and the interval of 95 % around it."""

    points: float
    low: float
    high: float


def compare_shares(some: int, of: int, others: int, of_others: int) -> ShareDifference | None:
    """The difference of ``some / of`` and ``others / of_others``; None where either side is too small.

    The interval is that of A. Agresti and B. Caffo (2000), "Simple and effective confidence intervals for proportions
    and differences of proportions result from adding two successes and two failures", The American Statistician 54.
    """
    if min(of, of_others) < FEWEST:
        return None
    first, second = (some + 1) / (of + 2), (others + 1) / (of_others + 2)
    spread = _Z * sqrt(first * (1 - first) / (of + 2) + second * (1 - second) / (of_others + 2))
    middle = first - second
    points = 100 * (some / of - others / of_others)
    return ShareDifference(points, *(100 * max(-1.0, min(1.0, middle + side * spread)) for side in (-1, 1)))
