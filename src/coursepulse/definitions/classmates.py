"""One student beside the others of a class: where the middle of them lies, and how far the middle half reaches."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import quantiles
from typing import NamedTuple

#: Fewer others than this are no class to be compared with.
SMALLEST_CLASS = 3


class Spread(NamedTuple):
    """The middle of some values, and the two between which the middle half of them lies; None without enough.

    :param people: how many have a value
    """

    people: int
    low: float | None = None
    median: float | None = None
    high: float | None = None


def spread(values: Iterable[float | None]) -> Spread:
    """The quartiles of the values that there are, ends included (R. Hyndman and Y. Fan 1996, type 7)."""
    known = sorted(value for value in values if value is not None)
    if len(known) < SMALLEST_CLASS:
        return Spread(len(known))
    return Spread(len(known), *quantiles(known, n=4, method="inclusive"))
