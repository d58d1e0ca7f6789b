"""Those who were written to beside those like them who were not."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coursepulse.definitions.outcomes import Z95, Estimate
from coursepulse.definitions.outcomes.logistic import Floats, fit_logistic

#: Fewer pairs say nothing.
FEWEST = 10

#: How far apart two of a pair may be: a fifth of the standard deviation of the log odds, by P. C. Austin (2011),
#: "Optimal caliper widths for propensity-score matching", Pharmaceutical Statistics 10.
_CALIPER = 0.2


class Matched(NamedTuple):
    """The comparison within pairs, 0 to 1.

    :param pairs: how many found a partner
    :param treated: how many there were to find one for
    :param share: of the treated of the pairs, those with the outcome
    :param others_share: of their partners
    :param difference: between the two, with its interval
    :param apart: standardised difference of each feature before matching
    :param apart_after: the same within the pairs; beyond 0.1 the two are not alike
    """

    pairs: int
    treated: int
    share: float
    others_share: float
    difference: Estimate
    apart: tuple[float, ...]
    apart_after: tuple[float, ...]

    @property
    def overlap(self) -> float:
        """The share of the treated who have somebody like them."""
        return self.pairs / self.treated

    @property
    def alike(self) -> bool:
        """Whether the two sides of the pairs are alike in everything that was looked at."""
        return all(abs(each) <= 0.1 for each in self.apart_after)


def match(features: Floats, treated: NDArray[np.bool_], outcome: NDArray[np.bool_]) -> Matched | None:
    """Pairs each treated person with an untreated one of nearly the same chance of being treated, each used once.

    :param features: what was known before, one row a person
    """
    if treated.sum() < FEWEST or (~treated).sum() < FEWEST:
        return None
    scaled = _scale(features)
    model = fit_logistic(scaled, treated.astype(float), np.ones(len(treated)))
    odds = np.log(model.chances(scaled) / (1 - model.chances(scaled)))
    some, others = _pair(odds, treated)
    if len(some) < FEWEST:
        return None
    return Matched(
        len(some),
        int(treated.sum()),
        float(outcome[some].mean()),
        float(outcome[others].mean()),
        paired_difference(outcome[some], outcome[others]),
        _apart(features, np.flatnonzero(treated), np.flatnonzero(~treated), treated),
        _apart(features, some, others, treated),
    )


def paired_difference(some: NDArray[np.bool_], others: NDArray[np.bool_]) -> Estimate:
    """The difference of two shares within pairs.

    The interval is that of A. Agresti and Y. Min (2005), "Simple improved confidence intervals for comparing matched
    proportions", Statistics in Medicine 24: half a pair is added to each of the four cells.
    """
    pairs = len(some)
    only, other = int((some & ~others).sum()) + 0.5, int((~some & others).sum()) + 0.5
    size = pairs + 2
    middle = (only - other) / size
    half = Z95 * sqrt(max(0.0, only + other - (only - other) ** 2 / size)) / size
    return Estimate(float(some.mean() - others.mean()), max(-1.0, middle - half), min(1.0, middle + half))


def _scale(features: Floats) -> Floats:
    spread = features.std(axis=0)
    scaled: Floats = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def _pair(odds: Floats, treated: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The nearest free partner for each, those who are hardest to match first."""
    limit = _CALIPER * float(odds.std())
    free = np.flatnonzero(~treated)
    free = free[np.argsort(odds[free], kind="stable")]
    pairs = []
    for one in sorted(np.flatnonzero(treated), key=lambda each: (-odds[each], each)):
        if not len(free):
            break
        nearest = _nearest(odds, free, float(odds[one]))
        if abs(odds[free[nearest]] - odds[one]) <= limit:
            pairs.append((one, free[nearest]))
            free = np.delete(free, nearest)
    found = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _nearest(odds: Floats, free: NDArray[np.intp], wanted: float) -> int:
    place = int(np.searchsorted(odds[free], wanted))
    near = [each for each in (place - 1, place) if 0 <= each < len(free)]
    return min(near, key=lambda each: abs(float(odds[free[each]]) - wanted))


def _apart(
    features: Floats, some: NDArray[np.intp], others: NDArray[np.intp], treated: NDArray[np.bool_]
) -> tuple[float, ...]:
    """Differences of means in standard deviations of before matching, so that both can be compared."""
    spread = np.sqrt((features[treated].var(axis=0) + features[~treated].var(axis=0)) / 2)
    gap = features[some].mean(axis=0) - features[others].mean(axis=0)
    return tuple(float(each) for each in np.where(spread > 0, gap / np.where(spread > 0, spread, 1.0), 0.0))
