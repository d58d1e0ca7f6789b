"""What people learn between two attempts at the same assessment, without what chance alone would have brought."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coursepulse.definitions.outcomes import Estimate
from coursepulse.definitions.outcomes.logistic import Floats

#: Fewer people who took it again, or who took it at all, say nothing.
FEWEST, FEWEST_FIRST = 10, 20

_SAMPLES = 600


class Gain(NamedTuple):
    """Shares of right answers, 0 to 1.

    :param first: the mean first attempt of those who took it again
    :param second: their next attempt
    :param expected: what they would have reached by chance alone, without learning anything
    :param reliability: the share of the differences between first attempts that is not chance
    :param gain: from ``expected`` to ``second``, with its interval
    """

    people: int
    first: float
    second: float
    expected: float
    reliability: float
    gain: Estimate


def learning_gain(first: NDArray[np.bool_], again: NDArray[np.intp], second: Floats) -> Gain | None:
    """The gain of those who took an assessment again.

    Who takes a quiz again did badly before, partly by bad luck, and would do better the second time without having
    learned anything: regression to the mean. A score is expected at ``mean + reliability * (score - mean)``, by T. L.
    Kelley (1947), "Fundamentals of Statistics", where the mean and the reliability (KR-20, by G. F. Kuder and M. W.
    Richardson (1937), "The theory of the estimation of test reliability", Psychometrika 2) are those of everybody's
    first attempts. What the second attempt is above that is the gain (as A. G. Barnett, J. C. van der Pols and A. J.
    Dobson (2005) advise, "Regression to the mean: what it is and how to deal with it", International Journal of
    Epidemiology 34). The next attempt counts, not the last: people stop when they pass, so the last one is chosen for
    its luck. The interval is of a bootstrap over people.

    :param first: answers of all first attempts, one row a person and one column a question
    :param again: the rows of those who took it again
    :param second: the shares of right answers of their next attempts
    """
    people, questions = first.shape
    if len(again) < FEWEST or people < FEWEST_FIRST or questions < 2:
        return None
    answers = first.astype(float)
    totals = answers.mean(axis=1)
    everyone = np.ones((1, people))
    marks = np.zeros(people)
    marks[again] = second
    repeats = np.zeros(people)
    repeats[again] = 1.0
    value, expected, reliability = (
        float(each[0]) for each in _gain(everyone, answers, totals, repeats, marks)
    )
    weights = (
        np.random.default_rng(7).multinomial(people, np.full(people, 1 / people), _SAMPLES).astype(float)
    )
    drawn, _, _ = _gain(weights[weights @ repeats > 1], answers, totals, repeats, marks)
    low, high = np.quantile(drawn, [0.025, 0.975])
    means = float(totals[again].mean()), float(second.mean())
    return Gain(len(again), *means, expected, reliability, Estimate(value, float(low), float(high)))


def _gain(
    weights: Floats, answers: Floats, totals: Floats, repeats: Floats, marks: Floats
) -> tuple[Floats, Floats, Floats]:
    """Gain, expected score and reliability for each row of weights, which say how often each person counts."""
    size = weights.sum(axis=1)
    mean = weights @ totals / size
    reliability = _reliability(weights, answers, totals)
    again = weights * repeats
    number = again.sum(axis=1)
    first, second = again @ totals / number, again @ marks / number
    expected = mean + reliability * (first - mean)
    return second - expected, expected, reliability


def _reliability(weights: Floats, answers: Floats, totals: Floats) -> Floats:
    """KR-20: between 0 (all chance) and 1."""
    size, questions = weights.sum(axis=1), answers.shape[1]
    share = weights @ answers / size[:, None]
    inside = (share * (1 - share)).sum(axis=1)
    sums = totals * questions
    spread = weights @ sums**2 / size - (weights @ sums / size) ** 2
    kr20 = questions / (questions - 1) * (1 - inside / np.maximum(spread, 1e-12))
    clipped: Floats = np.clip(kr20, 0.0, 1.0)
    return clipped
