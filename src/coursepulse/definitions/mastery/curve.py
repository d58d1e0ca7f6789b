"""Chances set right by what came of them: a cubic on the logistic scale, and a straight line until shown otherwise."""

from __future__ import annotations

import numpy as np

from coursepulse.definitions.mastery.answers import Floats

#: Changes nothing.
STRAIGHT: Floats = np.array([0.0, 1.0, 0.0, 0.0])

#: How far each coefficient may lie from that before anything is seen.
_WIDTH: Floats = np.array([0.3, 0.3, 0.1, 0.05])

#: So many chances are enough for four coefficients.
_ENOUGH = 100_000


def set_right(chance: Floats, curve: Floats) -> Floats:
    """The chances along the curve."""
    right: Floats = 1 / (1 + np.exp(-(_powers(chance) @ curve)))
    return right


def learn_curve(chance: Floats, right: Floats) -> Floats:
    """The curve at the largest posterior, by Newton's method."""
    every = max(1, len(chance) // _ENOUGH)
    powers, right, curve = _powers(chance[::every]), right[::every], STRAIGHT
    for _ in range(8):
        now = 1 / (1 + np.exp(-np.clip(powers @ curve, -30, 30)))
        slope = powers.T @ (right - now) - (curve - STRAIGHT) / _WIDTH**2
        steep = (powers * (now * (1 - now))[:, None]).T @ powers + np.diag(1 / _WIDTH**2)
        curve = curve + np.linalg.solve(steep, slope)
    return curve


def _powers(chance: Floats) -> Floats:
    sure = np.clip(chance, 1e-4, 1 - 1e-4)
    logit = np.log(sure / (1 - sure))
    return np.stack([np.ones_like(logit), logit, logit**2, logit**3], axis=-1)
