"""Between which bounds a share or a mean lies, so that a few lucky people do not make the best course. Pure."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

#: So many people are enough to compare courses by.
FAIR = 20

#: The point of the normal distribution that leaves 2.5 per cent above it.
_Z = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """The bounds, which hold what is true in 95 of 100 cases."""

    low: float
    high: float


def wilson(part: float, whole: int) -> Interval:
    """Of a share, in per cent (Wilson 1927; recommended by Brown, Cai and DasGupta 2001 also for few people)."""
    share, square = part / whole, _Z * _Z / whole
    middle = (share + square / 2) / (1 + square)
    reach = _Z * sqrt(share * (1 - share) / whole + square / (4 * whole)) / (1 + square)
    return Interval(100 * max(0.0, middle - reach), 100 * min(1.0, middle + reach))


def bounded_mean(mean: float, number: int) -> Interval:
    """Of a mean of values between 0 and 100 of which nothing else is known: never too narrow.

    Such values vary most if each of them is 0 or 100, and then their mean is a share.
    """
    return wilson(mean * number / 100, number)


def mean_interval(mean: float, variance: float, number: int) -> Interval:
    """Of a mean of scores between 0 and 100: Student's interval, cut at the ends of the scale.

    :param variance: of the sample, with n - 1
    """
    reach = _student(number - 1) * sqrt(variance / number)
    return Interval(max(0.0, mean - reach), min(100.0, mean + reach))


def _student(degrees: int) -> float:
    """The point of Student's t that leaves 2.5 per cent above it (Abramowitz and Stegun 26.7.5); right to 0.001 from
    ten degrees of freedom on."""
    z: float = _Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    more: float = sum(term / degrees ** (power + 1) for power, term in enumerate(terms))
    return z + more
