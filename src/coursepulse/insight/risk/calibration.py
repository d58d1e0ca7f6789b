"""From log-odds to probabilities that mean what they say.

Calibration is a line over log-odds. So shares of features still add up afterwards, all stretched by the same slope.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]

#: Slopes outside say that something is wrong with the data rather than with the model.
_LEAST, _MOST = 0.3, 3.0
_STEPS = 50
_RIDGE = 1e-6

#: Days in a course after which the slope no longer grows.
SETTLED = 112


class Calibration(msgspec.Struct, frozen=True):
    """Calibrated log-odds = (``slope`` + ``growth`` x stage) x log-odds + ``level``.

    Early in a course less is known than a model believes, so the slope grows with the stage: :func:`stages_of`.
    """

    slope: float = 1.0
    growth: float = 0.0
    level: float = 0.0

    def slopes(self, stages: Numbers) -> Numbers:
        """By how much the shares of each row are stretched."""
        return np.clip(self.slope + self.growth * stages, _LEAST, _MOST)

    def log_odds(self, raw: Numbers, stages: Numbers) -> Numbers:
        """Log-odds, calibrated."""
        return self.slopes(stages) * raw + self.level

    def probability(self, raw: Numbers, stages: Numbers) -> Numbers:
        """Probabilities of log-odds that are not calibrated yet."""
        return probability_of(self.log_odds(raw, stages))


def stages_of(rows: pl.DataFrame) -> Numbers:
    """How long each student has been in the course, from 0 to 1, which is :data:`SETTLED` days."""
    days = pl.col("days_in_course").cast(pl.Float64).fill_null(0)
    return rows.select(days.clip(0, SETTLED) / SETTLED).to_series().to_numpy()


def probability_of(log_odds: Numbers) -> Numbers:
    """The probability with these log-odds."""
    return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))


def fit_line(raw: Numbers, stages: Numbers, lost: Numbers, weights: Numbers) -> Calibration:
    """Slopes and level by maximum likelihood, by Newton's method."""
    x = np.column_stack([raw, raw * stages, np.ones(len(raw))])
    line = np.array([1.0, 0.0, 0.0])
    for _ in range(_STEPS):
        risk = probability_of(x @ line)
        gradient = x.T @ (weights * (lost - risk))
        curvature = (x * (weights * risk * (1 - risk))[:, None]).T @ x + _RIDGE * np.eye(3)
        step = np.linalg.solve(curvature, gradient)
        line = line + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(*(float(each) for each in line))


def fit_level(
    line: Calibration, raw: Numbers, stages: Numbers, lost: Numbers, weights: Numbers
) -> Calibration:
    """The level alone, so that with these slopes as many are lost as predicted."""
    stretched = line.slopes(stages) * raw
    low, high = -10.0, 10.0
    for _ in range(_STEPS):
        level = (low + high) / 2
        surplus = weights @ (probability_of(stretched + level) - lost)
        low, high = (low, level) if surplus > 0 else (level, high)
    return msgspec.structs.replace(line, level=(low + high) / 2)
