"""What a student knows of a skill, as people read it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coursepulse.definitions.mastery.answers import Floats, Ints, Sequence
from coursepulse.definitions.mastery.curve import set_right
from coursepulse.definitions.mastery.filter import State, abilities, expect, rest, weigh_rest
from coursepulse.definitions.mastery.model import Fit, Items

#: Bounds that hold what is true in 95 of 100 cases.
_Z = 1.959964


class Mastery(NamedTuple):
    """One value a pair of student and skill.

    :param ability: on the scale of the logistic curve
    :param deviation: its standard deviation
    :param mastery: the chance of knowing the answer to a question of mean difficulty, over all skills
    :param low: the same at the lower bound of the ability
    :param high: the same at the upper bound
    :param expected: the share of the skill's own questions that the student would answer right now
    """

    ability: Floats
    deviation: Floats
    mastery: Floats
    low: Floats
    high: Floats
    expected: Floats


def measure(line: Sequence, state: State, fitted: Fit, rests: Floats | None = None) -> Mastery:
    """Of all pairs after all answers.

    :param rests: how long each pair has rested since, in the unit of the answers; not at all if not given
    """
    pair = np.arange(line.pairs)
    if rests is not None:
        rest(state, pair, weigh_rest(rests, fitted.habits), fitted.habits)
    mean, var = abilities(state, line.student_of, pair, fitted.habits)
    wide, middle = _Z * np.sqrt(var), mean_difficulty(fitted.items)
    return Mastery(
        mean,
        np.sqrt(var),
        _curve((mean - middle) / np.sqrt(1 + np.pi / 8 * var)),
        _curve(mean - wide - middle),
        _curve(mean + wide - middle),
        _expect_all(line.skill_of, mean, var, fitted, _skill_of(line, len(fitted.items.slope))),
    )


def mean_difficulty(items: Items) -> float:
    """Of questions that are known well more than of those that are not."""
    return float(np.average(items.difficulty, weights=1 / (items.difficulty_var + 0.1)))


def _curve(value: Floats) -> Floats:
    curved: Floats = 1 / (1 + np.exp(-value))
    return curved


def _skill_of(line: Sequence, number: int) -> Ints:
    skills = np.full(number, -1, dtype=np.int64)
    skills[line.answers.item] = line.answers.skill
    return skills


def _expect_all(skill_of: Ints, mean: Floats, var: Floats, fitted: Fit, item_skill: Ints) -> Floats:
    """Over the questions of each skill, weighing each alike."""
    expected = np.zeros(len(mean))
    order = np.argsort(item_skill, kind="stable")
    starts = np.searchsorted(item_skill[order], np.arange(len(fitted.level) + 1))
    pairs = np.argsort(skill_of, kind="stable")
    bounds = np.searchsorted(skill_of[pairs], np.arange(len(fitted.level) + 1))
    for skill in range(len(fitted.level)):
        rows, items = pairs[bounds[skill] : bounds[skill + 1]], order[starts[skill] : starts[skill + 1]]
        total = sum(
            (_chance(mean[rows], var[rows], fitted, int(item)) for item in items), np.zeros(len(rows))
        )
        expected[rows] = total / max(len(items), 1)
    return expected


def _chance(mean: Floats, var: Floats, fitted: Fit, item: int) -> Floats:
    known = Items(*(np.broadcast_to(column[item], mean.shape) for column in fitted.items))
    chance = expect(mean, var, known.slope, known.difficulty, known.difficulty_var, fitted.habits)[0]
    return set_right(chance, fitted.curve)
