"""What the model of skills assumes, as numbers: see docs/decisions/0048."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coursepulse.definitions.mastery.answers import Floats
from coursepulse.definitions.mastery.curve import STRAIGHT


class Habits(NamedTuple):
    """How people differ, learn and forget in one set of answers: chosen by the answers, not by us.

    Abilities are on the scale of the logistic curve, about 0 for the mean student.

    :param general: standard deviation of what a student brings to every skill
    :param special: standard deviation of what a student brings to one skill beyond that
    :param gain: what one more answer of a skill adds
    :param bend: how gains grow less: 1 not at all, 0 as the logarithm of the number of answers
    :param drift: standard deviation of what an answer changes in one student beyond that
    :param fading: share of the practice that is forgotten by a typical pause
    :param fallback: share of the special ability that is lost by a typical pause
    :param guess: chance of a right answer of somebody who knows nothing
    :param slip: chance of a wrong answer of somebody who knows everything
    :param pause: the typical time between two answers of one skill
    """

    general: float = 0.7
    special: float = 0.7
    gain: float = 0.0
    bend: float = 0.0
    drift: float = 0.0
    fading: float = 0.0
    fallback: float = 0.0
    guess: float = 0.0
    slip: float = 0.0
    pause: float = 1.0


class Items(NamedTuple):
    """The questions.

    :param difficulty: the ability at which half of those who do not guess are right
    :param difficulty_var: how uncertain that is, as a variance
    :param slope: how sharply the question tells abilities apart; 1 is the mean
    :param slope_var: how uncertain its logarithm is, as a variance
    """

    difficulty: Floats
    difficulty_var: Floats
    slope: Floats
    slope_var: Floats


class Fit(NamedTuple):
    """A fitted model.

    :param level: the mean difficulty of the questions of each skill
    :param curve: sets the chances right
    """

    habits: Habits
    items: Items
    level: Floats
    curve: Floats = STRAIGHT


def unknown_items(number: int) -> Items:
    """Questions that nobody has answered."""
    return Items(np.zeros(number), np.ones(number), np.ones(number), np.full(number, 0.1))
