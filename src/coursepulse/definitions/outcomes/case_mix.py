"""Outcomes of a group against what was to be expected of the people in it, given how people like them did elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import NamedTuple

import numpy as np

from coursepulse.definitions.intervals import wilson
from coursepulse.definitions.outcomes import Z95, Estimate
from coursepulse.definitions.outcomes.logistic import Floats, fit_logistic

#: Fewer people in the group, or elsewhere, say nothing.
FEWEST, FEWEST_ELSEWHERE = 10, 50


class CaseCell(NamedTuple):
    """People alike in everything that was known when they enrolled.

    :param traits: numbers of what was known, each a step such as 0, 1, 2
    :param people: how many they are
    :param succeeded: how many of them came to the outcome
    """

    traits: tuple[int, ...]
    people: int
    succeeded: int


class AgainstExpected(NamedTuple):
    """Shares of 0 to 1, and the difference of the two with its interval."""

    observed: float
    expected: float
    difference: Estimate


class Expectation:
    """What was to be expected of people, by a logistic regression over how people like them did elsewhere."""

    def __init__(self, elsewhere: Sequence[CaseCell]) -> None:
        self._levels = _find_levels(elsewhere)
        self._model = fit_logistic(_spell(elsewhere, self._levels), *_counts(elsewhere))

    def against(self, group: Sequence[CaseCell]) -> AgainstExpected | None:
        """Indirect standardisation; None where there are too few people.

        The interval joins Wilson's of the observed share with the uncertainty of the expected one (G. Y. Zou and A.
        Donner (2008), "Construction of confidence limits about effect measures: a general approach", Statistics in
        Medicine 27).
        """
        features, (succeeded, weights) = _spell(group, self._levels), _counts(group)
        people, done = int(weights.sum()), int(succeeded.sum())
        if people < FEWEST:
            return None
        observed, expected = done / people, float(weights @ self._model.chances(features) / people)
        low, high = (bound / 100 for bound in wilson(done, people))
        spread = Z95 * self._model.spread(features, weights)
        below, above = hypot(observed - low, spread), hypot(high - observed, spread)
        points = observed - expected
        bounds = max(-1.0, points - below), min(1.0, points + above)
        return AgainstExpected(observed, expected, Estimate(points, *bounds))


def expect(elsewhere: Sequence[CaseCell]) -> Expectation | None:
    """What to expect; None where too few are known."""
    if sum(each.people for each in elsewhere) < FEWEST_ELSEWHERE:
        return None
    return Expectation(elsewhere)


def against_expected(group: Sequence[CaseCell], elsewhere: Sequence[CaseCell]) -> AgainstExpected | None:
    """A group against what was to be expected of it. It is left out of the fit, or it would compare with itself."""
    expectation = expect(elsewhere)
    return expectation.against(group) if expectation else None


def _find_levels(cells: Sequence[CaseCell]) -> list[list[int]]:
    """Of each trait the values beyond the lowest: each gets a coefficient of its own, so no line has to be straight."""
    return [sorted(set(values))[1:] for values in zip(*(each.traits for each in cells), strict=True)]


def _spell(cells: Sequence[CaseCell], levels: Sequence[Sequence[int]]) -> Floats:
    rows = [
        [float(trait == level) for trait, known in zip(each.traits, levels, strict=True) for level in known]
        for each in cells
    ]
    return np.array(rows, dtype=float).reshape(len(cells), sum(map(len, levels)))


def _counts(cells: Sequence[CaseCell]) -> tuple[Floats, Floats]:
    return (
        np.array([each.succeeded for each in cells], dtype=float),
        np.array([each.people for each in cells], dtype=float),
    )
