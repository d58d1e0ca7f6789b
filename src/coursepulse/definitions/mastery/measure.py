"""What a student knows of a skill, as people read it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coursepulse.definitions.mastery.answers import AnswerRows, Floats, Ints, Sequence
from coursepulse.definitions.mastery.curve import set_right
from coursepulse.definitions.mastery.filter import Beliefs, abilities, expect, rest, weigh_rest
from coursepulse.definitions.mastery.model import Fit, Items

#: Bounds that hold what is true in 95 of 100 cases.
_Z = 1.959964


class Bank(NamedTuple):
    """Which question tests which skill, a row each."""

    item: Ints
    skill: Ints


class Mastery(NamedTuple):
    """One value a pair of student and skill.

    :param ability: on the scale of the logistic curve
    :param deviation: its standard deviation
    :param mastery: the chance of being right in a question of mean difficulty, over all skills
    :param low: the same at the lower bound of the ability
    :param high: the same at the upper bound
    :param expected: the share of the skill's own questions that the student would get right now
    :param expected_low: the same at the lower bound
    :param expected_high: the same at the upper bound
    """

    ability: Floats
    deviation: Floats
    mastery: Floats
    low: Floats
    high: Floats
    expected: Floats
    expected_low: Floats
    expected_high: Floats


def answered(answers: AnswerRows) -> Bank:
    """The questions that anybody has answered."""
    pairs = np.unique(np.stack([answers.item, answers.skill]), axis=1)
    return Bank(pairs[0], pairs[1])


def measure(line: Sequence, state: Beliefs, fitted: Fit, bank: Bank, rests: Floats | None = None) -> Mastery:
    """Of all pairs after all answers.

    :param bank: the questions that there are
    :param rests: how long each pair has rested since, in the unit of the answers; not at all if not given
    """
    pair = np.arange(line.pairs)
    if rests is not None:
        rest(state, pair, weigh_rest(rests, fitted.habits), fitted.habits)
    mean, var = abilities(state, line.student_of, pair, fitted.habits)
    wide, middle, sure = _Z * np.sqrt(var), mean_difficulty(fitted.items), np.zeros(line.pairs)
    expected = _expect_all(line.skill_of, mean, var, fitted, bank)
    return Mastery(
        mean,
        np.sqrt(var),
        _curve((mean - middle) / np.sqrt(1 + np.pi / 8 * var)),
        _curve(mean - wide - middle),
        _curve(mean + wide - middle),
        expected,
        np.minimum(_expect_all(line.skill_of, mean - wide, sure, fitted, bank), expected),
        np.maximum(_expect_all(line.skill_of, mean + wide, sure, fitted, bank), expected),
    )


def mean_difficulty(items: Items) -> float:
    """Of questions that are known well more than of those that are not."""
    return float(np.average(items.difficulty, weights=1 / (items.difficulty_var + 0.1)))


def _curve(value: Floats) -> Floats:
    curved: Floats = 1 / (1 + np.exp(-value))
    return curved


def _expect_all(skill_of: Ints, mean: Floats, var: Floats, fitted: Fit, bank: Bank) -> Floats:
    """Over the questions of each skill, weighing each alike."""
    expected = np.zeros(len(mean))
    for skill in np.unique(skill_of).tolist():
        rows, items = np.flatnonzero(skill_of == skill), bank.item[bank.skill == skill].tolist()
        total = np.zeros(len(rows))
        for item in items:
            total += _chance(mean[rows], var[rows], fitted, item)
        expected[rows] = total / max(len(items), 1)
    return expected


def _chance(mean: Floats, var: Floats, fitted: Fit, item: int) -> Floats:
    known = Items(*(np.broadcast_to(column[item], mean.shape) for column in fitted.items))
    chance = expect(mean, var, known.slope, known.difficulty, known.difficulty_var, fitted.habits)[0]
    return set_right(chance, fitted.curve)
