"""What is known of each student before and after each answer: a Gaussian filter, one pass over the answers.

Every answer touches one skill, so given the general ability the skills of a student are independent, before and after:
the posterior is a star, and an update costs the same however many skills there are. An answer moves the mean and
variance by the derivatives of the logarithm of its own chance (assumed density filtering; Minka 2001, chapter 3).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coursepulse.definitions.mastery.answers import Floats, Ints, Sequence
from coursepulse.definitions.mastery.model import Habits, Items

#: The logistic curve over a normal distribution is nearly a logistic curve that is this much flatter (MacKay 1992).
_FLATTEN = np.pi / 8

#: No variance falls below this.
_LEAST = 1e-6


class Beliefs(NamedTuple):
    """What is known of students and of their skills.

    The special ability given the general one ``g`` is normal with mean ``base + lean * g`` and variance ``spread``.

    :param general: the mean of the general ability, by student
    :param general_var: its variance
    :param base: by pair of student and skill, as the others
    :param practice: how many answers still count as practice
    """

    general: Floats
    general_var: Floats
    base: Floats
    lean: Floats
    spread: Floats
    practice: Floats


class Filtered(NamedTuple):
    """What was known before each answer, and after all of them.

    :param mean: the ability that the answer needed
    :param var: its variance
    :param chance: the chance of a right answer
    :param state: after the last answer
    """

    mean: Floats
    var: Floats
    chance: Floats
    state: Beliefs


def begin(students: int, pairs: int, habits: Habits) -> Beliefs:
    """Nothing is known but how people differ."""
    return Beliefs(
        np.zeros(students),
        np.full(students, max(habits.general**2, _LEAST)),
        np.zeros(pairs),
        np.zeros(pairs),
        np.full(pairs, max(habits.special**2, _LEAST)),
        np.zeros(pairs),
    )


def follow(line: Sequence, items: Items, habits: Habits, students: int) -> Filtered:
    """Takes in all answers, each student's in their order."""
    state = begin(students, line.pairs, habits)
    count = len(line.source)
    track = Filtered(np.empty(count), np.empty(count), np.empty(count), state)
    rests = weigh_rest(line.gap, habits)
    for start, end in zip(line.bounds[:-1], line.bounds[1:], strict=True):
        _take_round(track, line, items, habits, rests, slice(int(start), int(end)))
    return track


def _take_round(
    track: Filtered, line: Sequence, items: Items, habits: Habits, rests: Floats, rows: slice
) -> None:
    """One answer each of some students."""
    state, who, pair, item = track.state, line.answers.student[rows], line.pair[rows], line.answers.item[rows]
    rest(state, pair, rests[rows], habits)
    mean, var = abilities(state, who, pair, habits)
    slope = items.slope[item]
    chance, level = expect(mean, var, slope, items.difficulty[item], items.difficulty_var[item], habits)
    track.mean[rows], track.var[rows], track.chance[rows] = mean, var, chance
    push, pull = _lessons(line.answers.right[rows], chance, level, habits)
    weight = line.answers.weight[rows]
    _learn(state, who, pair, var, weight * push, weight * pull)
    state.practice[pair] += 1
    state.spread[pair] += habits.drift**2


def weigh_rest(time: Floats, habits: Habits) -> Floats:
    """Time in pauses: what is forgotten follows a power of time, fast at first (Wixted and Ebbesen 1991)."""
    weighed: Floats = np.log2(1 + time / habits.pause)
    return weighed


def rest(state: Beliefs, pair: Ints, rests: Floats, habits: Habits) -> None:
    """Lets time pass for some pairs: practice fades, and what is special falls back to the mean."""
    if habits.fading:
        state.practice[pair] *= (1 - habits.fading) ** rests
    if habits.fallback:
        kept = (1 - habits.fallback) ** rests
        state.base[pair] *= kept
        state.lean[pair] *= kept
        state.spread[pair] = kept**2 * state.spread[pair] + (1 - kept**2) * habits.special**2


def abilities(state: Beliefs, who: Ints, pair: Ints, habits: Habits) -> tuple[Floats, Floats]:
    """Mean and variance of the ability of some students in some skills."""
    lean = 1 + state.lean[pair]
    mean = (
        state.base[pair] + lean * state.general[who] + habits.gain * bend(state.practice[pair], habits.bend)
    )
    return mean, lean**2 * state.general_var[who] + state.spread[pair]


def bend(practice: Floats, power: float) -> Floats:
    """Practice, each further answer of which counts less (Box and Cox 1964)."""
    return np.log1p(practice) if power == 0 else ((1 + practice) ** power - 1) / power


class Level(NamedTuple):
    """How the chance of a right answer hangs on the ability.

    :param rise: the chance that neither guess nor slip decide
    :param slope: of the curve, flattened by what is uncertain
    """

    rise: Floats
    slope: Floats


def expect(
    mean: Floats, var: Floats, slope: Floats, difficulty: Floats, difficulty_var: Floats, habits: Habits
) -> tuple[Floats, Level]:
    """The chance of a right answer, over all that is uncertain."""
    flat = slope / np.sqrt(1 + _FLATTEN * slope**2 * (var + difficulty_var))
    rise = 1 / (1 + np.exp(-flat * (mean - difficulty)))
    return habits.guess + (1 - habits.slip - habits.guess) * rise, Level(rise, flat)


def _lessons(right: Floats, chance: Floats, level: Level, habits: Habits) -> tuple[Floats, Floats]:
    """First and second derivative of the logarithm of the chance of what was answered, by the mean of the ability."""
    span = 1 - habits.slip - habits.guess
    first = span * level.slope * level.rise * (1 - level.rise)
    second = first * level.slope * (1 - 2 * level.rise)
    sign, told = 2 * right - 1, np.where(right > 0, chance, 1 - chance)
    push = sign * first / told
    return push, sign * second / told - push**2


def _learn(state: Beliefs, who: Ints, pair: Ints, var: Floats, push: Floats, pull: Floats) -> None:
    """Moves what is known of a student, generally and in one skill."""
    broad, lean, own = state.general_var[who], state.lean[pair], state.spread[pair]
    with_general = broad * (1 + lean)
    with_special = lean * with_general + own
    # no answer may make us surer than all there was to know, or more than twice as unsure
    pull = np.clip(pull, -0.95 / var, 0.5 / var)
    kept = np.maximum(broad + pull * with_general**2, _LEAST)
    both = broad * lean + pull * with_general * with_special
    special = lean**2 * broad + own + pull * with_special**2
    moved = state.general[who] + push * with_general
    mean = state.base[pair] + lean * state.general[who] + push * with_special
    state.general[who], state.general_var[who] = moved, kept
    state.lean[pair] = both / kept
    state.base[pair] = mean - state.lean[pair] * moved
    state.spread[pair] = np.maximum(special - state.lean[pair] * both, _LEAST)
