"""Sums and averages that do not depend on the order of the values."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, fsum

#: Twelve decimal places.
_SCALE = 1e12


def mean(values: Iterable[float]) -> float | None:
    """The mean, or None of nothing. Exactly rounded, so that order cannot show."""
    known = list(values)
    return fsum(known) / len(known) if known else None


def quantile(values: Iterable[float], level: float) -> float | None:
    """The quantile by linear interpolation, or None of nothing: ``quantileExactInclusive`` of ClickHouse.

    :param level: 0 gives the smallest, 1 the largest
    """
    ranked = sorted(values)
    if not ranked:
        return None
    place = (len(ranked) - 1) * level
    below = floor(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)


def add_decimals(values: Iterable[float]) -> float:
    """The sum of values cut after twelve places, as ``toDecimal128(value, 12)`` does it in the rollups."""
    return sum(int(value * _SCALE) for value in values) / _SCALE
