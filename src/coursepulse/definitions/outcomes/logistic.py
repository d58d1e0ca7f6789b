"""Logistic regression over counts, with a slight pull towards zero so that rare cells do no harm."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: The pull: as if each coefficient came from a normal distribution around zero with this precision. With a standard
#: deviation of 1.4 it hardly moves what many people say, and keeps what a handful say from running away.
_RIDGE = 0.5
_ROUNDS, _ENOUGH = 40, 1e-9


class LogisticFit(NamedTuple):
    """Coefficients, the constant first, and their covariance."""

    coefficients: Floats
    covariance: Floats

    def chances(self, features: Floats) -> Floats:
        """The chance for each row."""
        chances: Floats = _logistic(_with_constant(features) @ self.coefficients)
        return chances

    def spread(self, features: Floats, weights: Floats) -> float:
        """The standard error of the weighted mean chance, as far as it comes from the coefficients."""
        design, chances = _with_constant(features), self.chances(features)
        slope = (weights * chances * (1 - chances)) @ design / weights.sum()
        return float(np.sqrt(max(0.0, slope @ self.covariance @ slope)))


def fit_logistic(features: Floats, successes: Floats, trials: Floats) -> LogisticFit:
    """Fit by Newton's method; rows are cells with a number of trials and successes."""
    design = _with_constant(features)
    pull = np.diag(np.r_[1e-6, np.full(features.shape[1], _RIDGE)])
    found = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        chances = _logistic(design @ found)
        information = design.T @ (design * (trials * chances * (1 - chances))[:, None]) + pull
        step = np.linalg.solve(information, design.T @ (successes - trials * chances) - pull @ found)
        # A step that is too long overshoots where nearly all succeed or fail.
        found = found + step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if np.abs(step).max() < _ENOUGH:
            break
    return LogisticFit(found, np.linalg.inv(information))


def _with_constant(features: Floats) -> Floats:
    return np.column_stack([np.ones(len(features)), features])


def _logistic(logits: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
