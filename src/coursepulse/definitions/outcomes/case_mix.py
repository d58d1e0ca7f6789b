"""Outcomes of a group against what was to be expected of the people in it, given how people like them did elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from coursepulse.definitions.outcomes import Z95, Estimate
from coursepulse.definitions.outcomes.logistic import Floats, fit_logistic

#: Fewer people in the group, or elsewhere, say nothing.
FEWEST, FEWEST_ELSEWHERE = 10, 50


class Cell(NamedTuple):
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


def against_expected(group: Sequence[Cell], elsewhere: Sequence[Cell]) -> AgainstExpected | None:
    """Indirect standardisation by a logistic regression fitted elsewhere; None where there are too few people.

    The group is left out of the fit, or a large one would be compared with itself. The interval joins Wilson's of the
    observed share with the uncertainty of the expected one (G. Y. Zou and A. Donner (2008), "Construction of confidence
    limits about effect measures: a general approach", Statistics in Medicine 27).
    """
    people, others = sum(each.people for each in group), sum(each.people for each in elsewhere)
    if people < FEWEST or others < FEWEST_ELSEWHERE:
        return None
    levels = _find_levels([*group, *elsewhere])
    model = fit_logistic(_spell(elsewhere, levels), *_counts(elsewhere))
    features, (succeeded, weights) = _spell(group, levels), _counts(group)
    expected = float(weights @ model.chances(features) / people)
    observed = float(succeeded.sum() / people)
    low, high = wilson(int(succeeded.sum()), people)
    spread = Z95 * model.spread(features, weights)
    below, above = sqrt((observed - low) ** 2 + spread**2), sqrt((high - observed) ** 2 + spread**2)
    points = observed - expected
    return AgainstExpected(
        observed, expected, Estimate(points, max(-1.0, points - below), min(1.0, points + above))
    )


def wilson(succeeded: int, people: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share."""
    share, weight = succeeded / people, Z95**2 / people
    middle = (share + weight / 2) / (1 + weight)
    half = sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return middle - half, middle + half


def _find_levels(cells: Sequence[Cell]) -> list[list[int]]:
    """Of each trait the values beyond the lowest: each gets a coefficient of its own, so no line has to be straight."""
    return [sorted(set(values))[1:] for values in zip(*(each.traits for each in cells), strict=True)]


def _spell(cells: Sequence[Cell], levels: Sequence[Sequence[int]]) -> Floats:
    rows = [
        [float(trait == level) for trait, known in zip(each.traits, levels, strict=True) for level in known]
        for each in cells
    ]
    return np.array(rows, dtype=float).reshape(len(cells), sum(map(len, levels)))


def _counts(cells: Sequence[Cell]) -> tuple[Floats, Floats]:
    return (
        np.array([each.succeeded for each in cells], dtype=float),
        np.array([each.people for each in cells], dtype=float),
    )
