"""Why a prediction is what it is: factors for and against, what would change it, and how sure it is.

Everything adds up in calibrated log-odds. Factors carry their feature and its value, of which screens make
sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import polars as pl

from coursepulse.definitions.intervals import wilson
from coursepulse.insight.features import Feature
from coursepulse.insight.risk.metrics import ReliabilityBand
from coursepulse.insight.risk.model import RiskModel, total

#: Factors shown on each side.
FACTORS = 3

#: Shares that move the probability by less than about a tenth of a per cent are not reasons.
_LEAST_SHARE = 0.005

#: An interval up to so wide, in probability, is sure, or at least fair.
_SURE, _FAIR = 0.08, 0.2

#: Students behind a band of the track record, below which it says nothing.
_FEWEST = 20


class Confidence(StrEnum):
    """How far a probability may be trusted."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Factor(NamedTuple):
    """A reason.

    :param share: what it adds to the log-odds; positive for being lost
    """

    feature: Feature
    value: float | None
    share: float


class Change(NamedTuple):
    """What would be predicted if a student stood in the middle of the course in something that can still change.

    :param about: the key of what would change
    """

    about: str
    probability: float


class Explanation(NamedTuple):
    """A prediction with its reasons.

    :param base: the log-odds of nobody in particular; with ``shares`` they add up to those of ``probability``
    :param shares: every factor, the weightiest first
    :param low: with ``high``: how often students with such predictions were lost, 19 times of 20
    """

    probability: float
    base: float
    shares: tuple[Factor, ...]
    raising: tuple[Factor, ...]
    lowering: tuple[Factor, ...]
    changes: tuple[Change, ...]
    confidence: Confidence
    low: float | None
    high: float | None


#: What a student can still change, by key, and the features that would move with it.
CHANGEABLE = {
    "hand_in": ("missed_share", "missed_last", "missed_row", "handed_rank", "since_handed_rank"),
    "study_days": (
        "days_rank",
        "days_7_rank",
        "days_14",
        "days_28_rank",
        "silent",
        "silent_rank",
        "silent_gaps",
    ),
    "study_more": ("activity_rank", "week_rank", "fortnight_rank", "lesson_rank", "activity_trend"),
    "progress": ("progress", "progress_rank", "pace_rank", "done_lately_rank"),
}


def explain(
    model: RiskModel, row: pl.DataFrame, classmates: pl.DataFrame, record: Sequence[ReliabilityBand]
) -> Explanation:
    """Explain the prediction for one row.

    :param classmates: rows of everybody in the course, whose middle is what a student could reach
    :param record: how earlier predictions came out: a reliability table
    """
    shares = model.shares(row)[0]
    risk = float(total(shares[None, :])[0])
    factors = sorted(_factors(model, row, shares), key=lambda one: -abs(one.share))
    weighty = [each for each in factors if abs(each.share) >= _LEAST_SHARE]
    low, high = _range_of(risk, record)
    return Explanation(
        risk,
        float(shares[-1]),
        tuple(factors),
        tuple(each for each in weighty if each.share > 0)[:FACTORS],
        tuple(each for each in weighty if each.share < 0)[:FACTORS],
        tuple(sorted(_changes(model, row, classmates, risk), key=lambda one: one.probability)),
        _confidence(low, high),
        low,
        high,
    )


def _factors(model: RiskModel, row: pl.DataFrame, shares: np.ndarray) -> Iterator[Factor]:
    for feature, share in zip(model.features, shares, strict=False):
        yield Factor(feature, row[feature.name][0], float(share))


def _changes(model: RiskModel, row: pl.DataFrame, classmates: pl.DataFrame, risk: float) -> Iterator[Change]:
    """Only what would lower the probability, and moves a feature in its better direction."""
    directions = {each.name: each.direction for each in model.features}
    for about, names in CHANGEABLE.items():
        moved = {
            name: _better(row[name][0], classmates[name].median(), directions[name])
            for name in names
            if directions.get(name)
        }
        other = row.with_columns(pl.lit(value, pl.Float64).alias(name) for name, value in moved.items())
        probability = float(model.probabilities(other)[0])
        if probability < risk - 0.005:
            yield Change(about, probability)


def _better(value: float | None, middle: object, direction: int) -> float | None:
    if value is None or not isinstance(middle, int | float):
        return value
    return min(value, middle) if direction > 0 else max(value, middle)


def _range_of(risk: float, record: Sequence[ReliabilityBand]) -> tuple[float | None, float | None]:
    """Wilson's interval of the band that the prediction falls into."""
    band = next((each for each in record if each.low <= risk <= each.high), None)
    if band is None or band.predictions < _FEWEST:
        return None, None
    bounds = wilson(round(band.observed * band.predictions), band.predictions)
    return bounds.low / 100, bounds.high / 100


def _confidence(low: float | None, high: float | None) -> Confidence:
    if low is None or high is None:
        return Confidence.LOW
    width = high - low
    return Confidence.HIGH if width <= _SURE else Confidence.MEDIUM if width <= _FAIR else Confidence.LOW
