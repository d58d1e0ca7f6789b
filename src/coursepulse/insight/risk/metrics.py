"""How good predictions are. ``lost`` is 0 or 1, ``risk`` a probability; where only the order counts, any score."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Measure: TypeAlias = Callable[[Numbers, Numbers], float]

#: Bands of probability in the reliability table.
BANDS = 10

#: The students to look at first.
TOP = 0.15


class FigureInterval(NamedTuple):
    """A figure, with the bounds between which it lies 19 times of 20."""

    value: float
    low: float
    high: float


class ReliabilityBand(NamedTuple):
    """A row of the reliability table: predictions between two probabilities, and how they came out."""

    low: float
    high: float
    predictions: int
    predicted: float
    observed: float


class Quality(NamedTuple):
    """Every figure of a set of predictions."""

    predictions: int
    lost: float
    auc: FigureInterval
    average_precision: FigureInterval
    brier: FigureInterval
    ece: float
    top_precision: float


def auc(lost: Numbers, risk: Numbers) -> float:
    """The chance that of one lost and one other, the lost one has the higher score; ties count half."""
    _, place, counts = np.unique(risk, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    positive = lost.sum()
    negative = len(lost) - positive
    if not positive or not negative:
        return float("nan")
    return float((ranks[lost == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def average_precision(lost: Numbers, risk: Numbers) -> float:
    """Mean precision over the lost, from the highest score down; equal scores come in together."""
    values, place = np.unique(-risk, return_inverse=True)
    found = np.bincount(place, weights=lost, minlength=len(values))
    seen = np.cumsum(np.bincount(place, minlength=len(values)))
    if not lost.sum():
        return float("nan")
    return float((found * np.cumsum(found) / seen).sum() / lost.sum())


def brier(lost: Numbers, risk: Numbers) -> float:
    """Mean squared distance of the probability from what happened."""
    return float(np.mean((risk - lost) ** 2))


def ece(lost: Numbers, risk: Numbers) -> float:
    """Expected calibration error: mean distance between predicted and observed over ten bands of equal width."""
    bands = reliability(lost, risk)
    return sum(abs(each.predicted - each.observed) * each.predictions for each in bands) / len(lost)


def reliability(lost: Numbers, risk: Numbers) -> list[ReliabilityBand]:
    """How predictions came out, in bands of probability; bands without predictions are left out."""
    place = np.clip((risk * BANDS).astype(int), 0, BANDS - 1)
    return [
        ReliabilityBand(
            nth / BANDS,
            (nth + 1) / BANDS,
            int(here.sum()),
            float(risk[here].mean()),
            float(lost[here].mean()),
        )
        for nth in range(BANDS)
        if (here := place == nth).any()
    ]


def top_precision(lost: Numbers, risk: Numbers, share: float = TOP) -> float:
    """Of the share with the highest scores, how many were lost."""
    first = np.argsort(-risk, kind="stable")[: max(1, round(share * len(lost)))]
    return float(lost[first].mean())


def recall_at(lost: Numbers, risk: Numbers, limit: float) -> float:
    """Of the lost, how many had a score of at least ``limit``."""
    return float((risk[lost == 1] >= limit).mean()) if lost.any() else float("nan")


def bootstrap(
    measure: Measure, lost: Numbers, risk: Numbers, times: int = 200, seed: int = 0
) -> FigureInterval:
    """A figure with its interval, from samples of the same size with replacement."""
    random, size = np.random.default_rng(seed), len(lost)
    samples = (random.integers(0, size, size) for _ in range(times))
    return _interval(measure(lost, risk), [measure(lost[one], risk[one]) for one in samples])


def compare(
    lost: Numbers, first: Numbers, second: Numbers, times: int = 200, seed: int = 0
) -> FigureInterval:
    """By how much the AUC of ``first`` is above that of ``second`` on the same rows."""
    random, size = np.random.default_rng(seed), len(lost)
    samples = (random.integers(0, size, size) for _ in range(times))
    gaps = [auc(lost[one], first[one]) - auc(lost[one], second[one]) for one in samples]
    return _interval(auc(lost, first) - auc(lost, second), gaps)


def measure_all(lost: Numbers, risk: Numbers, times: int = 200) -> Quality:
    """Every figure at once."""
    return Quality(
        len(lost),
        float(lost.mean()),
        bootstrap(auc, lost, risk, times),
        bootstrap(average_precision, lost, risk, times),
        bootstrap(brier, lost, risk, times),
        ece(lost, risk),
        top_precision(lost, risk),
    )


def _interval(value: float, samples: list[float]) -> FigureInterval:
    low, high = np.nanpercentile(samples, [2.5, 97.5])
    return FigureInterval(value, float(low), float(high))
