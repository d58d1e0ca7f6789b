"""Quantiles and ranks, as Polars and ClickHouse work them out for the product."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor


def quantile(values: Iterable[float], level: float) -> float:
    """The quantile by linear interpolation: ``quantileExactInclusive``, numpy's default.

    :param level: 0 gives the smallest, 1 the largest
    """
    ranked = sorted(values)
    place = (len(ranked) - 1) * level
    below = floor(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)


def percentile_rank(value: float, values: Iterable[float]) -> float:
    """The share of values below, with equal ones counted half: 0..1. ``value`` is one of them."""
    known = list(values)
    below = sum(each < value for each in known)
    equal = sum(each == value for each in known)
    return (below + 0.5 * equal) / len(known)
