"""Fits the model to answers: questions by their own answers, and how people differ, learn and forget by all of them.

Every chance of the filter is one of an answer given those before it, so their logarithms add up to that of the marginal
likelihood. The habits that make it largest are chosen (empirical Bayes); questions get priors of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from coursepulse.definitions.mastery.answers import AnswerRows, Floats, Ints, Sequence, line_up
from coursepulse.definitions.mastery.curve import learn_curve
from coursepulse.definitions.mastery.filter import expect, follow
from coursepulse.definitions.mastery.model import Fit, Habits, Items, unknown_items

#: So many answers are enough to choose the habits by.
ENOUGH = 30_000

#: So many answers of one student are enough for that.
LONG = 400

#: Chances of a lucky guess to begin from: a walk from one of them alone ends on the wrong side of a ridge.
_GUESSES = (0.0, 0.2)

#: Rounds of questions by abilities, and abilities by questions.
ROUNDS = 6


class Known(NamedTuple):
    """What was known of the abilities before each answer."""

    mean: Floats
    var: Floats


def fit(answers: AnswerRows, sizes: tuple[int, int, int], enough: int = ENOUGH) -> Fit:
    """The model of some answers.

    :param sizes: how many students, questions and skills there are
    :param enough: how many answers the habits are chosen by
    """
    few = _some(answers, sizes[0], enough)
    pause = _typical_gap(few.gap)
    starts = [
        _improve(few, _nothing(Habits(pause=pause, guess=guess), sizes), sizes, _COARSE) for guess in _GUESSES
    ]
    fitted = max(starts, key=lambda each: _worth(few, each, sizes[0])(each.habits))
    for steps in (_COARSE, _FINE):
        fitted = _improve(few, fitted, sizes, steps)
    return refit_items(line_up(answers), fitted, sizes)


def _nothing(habits: Habits, sizes: tuple[int, int, int]) -> Fit:
    return Fit(habits, unknown_items(sizes[1]), np.zeros(sizes[2]))


def _improve(line: Sequence, fitted: Fit, sizes: tuple[int, int, int], steps: Mapping[str, float]) -> Fit:
    fitted = refit_items(line, fitted, sizes)
    fitted = fitted._replace(habits=_choose(line, fitted, sizes[0], steps))
    return refit_items(line, fitted, sizes)


def refit_items(line: Sequence, fitted: Fit, sizes: tuple[int, int, int]) -> Fit:
    """Questions and abilities, each by the other, until they agree."""
    skill_of = _skills_of(line.answers, sizes[1])
    for _ in range(ROUNDS):
        track = follow(line, fitted.items, fitted.habits, sizes[0])
        items, level = fit_items(line.answers, Known(track.mean, track.var), fitted, skill_of)
        moved = float(np.abs(items.difficulty - fitted.items.difficulty).max(initial=0))
        curve = learn_curve(track.chance, line.answers.right)
        fitted = fitted._replace(items=items, level=level, curve=curve)
        if moved < 0.02:
            break
    return fitted


def _typical_gap(gaps: Floats) -> float:
    later = gaps[gaps > 0]
    return float(np.median(later)) if len(later) else 1.0


def _skills_of(answers: AnswerRows, number: int) -> Ints:
    skills = np.zeros(number, dtype=np.int64)
    skills[answers.item] = answers.skill
    return skills


def _some(answers: AnswerRows, students: int, enough: int) -> Sequence:
    """The beginnings of the work of some students, the same ones each time."""
    line = line_up(answers)
    turn = np.repeat(np.arange(len(line.bounds) - 1), np.diff(line.bounds))
    sizes = np.bincount(line.answers.student[turn < LONG], minlength=students)
    # by a fixed shuffle: codes often follow the time of joining
    shuffled = np.random.default_rng(7).permutation(students)
    taken = np.zeros(students, dtype=bool)
    taken[shuffled] = np.cumsum(sizes[shuffled]) - sizes[shuffled] < enough
    kept = (turn < LONG) & taken[line.answers.student]
    return line_up(answers.pick(np.sort(line.source[kept])))


# Questions -----------------------------------------------------------------------------------------------------------


class Prior(NamedTuple):
    """What is thought of questions before they are answered."""

    difficulty: Floats
    difficulty_var: float
    slope_var: float


def fit_items(answers: AnswerRows, known: Known, start: Fit, skill_of: Ints) -> tuple[Items, Floats]:
    """Difficulties and slopes at the largest posterior, by Fisher scoring over all questions at once."""
    items, level = start.items, start.level
    for _ in range(4):
        prior = _prior(items, level, skill_of)
        items = _score_items(answers, known, items, prior, start.habits)
        level = _levels(items, skill_of, len(level), prior)
    return items, level


def _prior(items: Items, level: Floats, skill_of: Ints) -> Prior:
    """By the questions themselves; a few of them say little, so each variance begins as that of two of our own."""
    away = (items.difficulty - level[skill_of]) ** 2 + items.difficulty_var
    bent = np.log(items.slope) ** 2 + items.slope_var
    count = len(away)
    return Prior(
        level[skill_of], float((away.sum() + 2) / (count + 2)), float((bent.sum() + 10 * 0.06) / (count + 10))
    )


def _levels(items: Items, skill_of: Ints, skills: int, prior: Prior) -> Floats:
    """The mean difficulty by skill, drawn to that of all questions."""
    weight = 1 / (prior.difficulty_var + items.difficulty_var)
    middle = float((weight * items.difficulty).sum() / weight.sum()) if len(weight) else 0.0
    total = np.bincount(skill_of, weight, skills)
    level: Floats = (np.bincount(skill_of, weight * items.difficulty, skills) + middle) / (total + 1)
    return level


def _score_items(answers: AnswerRows, known: Known, items: Items, prior: Prior, habits: Habits) -> Items:
    """One step of Fisher scoring."""
    item, number = answers.item, len(items.slope)
    slope, difficulty = items.slope[item], items.difficulty[item]
    chance, level = expect(known.mean, known.var, slope, difficulty, np.zeros(len(item)), habits)
    steep = (1 - habits.slip - habits.guess) * level.rise * (1 - level.rise)
    odds = chance * (1 - chance)
    by_difficulty = -steep * level.slope
    by_slope = steep * level.slope * (known.mean - difficulty) * (level.slope / slope) ** 2
    missed = (answers.right - chance) / odds

    def add(values: Floats) -> Floats:
        total: Floats = np.bincount(item, values, number).astype(np.float64)
        return total

    grad_d = add(missed * by_difficulty) - (items.difficulty - prior.difficulty) / prior.difficulty_var
    grad_s = add(missed * by_slope) - np.log(items.slope) / prior.slope_var
    info_d = add(by_difficulty**2 / odds) + 1 / prior.difficulty_var
    info_s = add(by_slope**2 / odds) + 1 / prior.slope_var
    both = add(by_difficulty * by_slope / odds)
    free = info_d * info_s - both**2
    step_d = (info_s * grad_d - both * grad_s) / free
    step_s = (info_d * grad_s - both * grad_d) / free
    bent = np.log(items.slope) + np.clip(step_s, -0.4, 0.4)
    # the mean slope is 1: otherwise flat questions could not be distinguished from able students
    seen = add(np.ones(len(item))) > 0
    bent -= bent[seen].mean() if seen.any() else 0.0
    return Items(items.difficulty + np.clip(step_d, -1, 1), info_s / free, np.exp(bent), info_d / free)


# Habits --------------------------------------------------------------------------------------------------------------

_COARSE: Mapping[str, float] = MappingProxyType(
    {
        "general": 0.2,
        "special": 0.2,
        "gain": 0.08,
        "bend": 0.5,
        "drift": 0.08,
        "fading": 0.08,
        "fallback": 0.04,
        "guess": 0.06,
        "slip": 0.03,
    }
)
_FINE: Mapping[str, float] = MappingProxyType({name: step / 2 for name, step in _COARSE.items()})

_BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "general": (0.0, 4.0),
        "special": (0.0, 4.0),
        "gain": (-1.0, 2.0),
        "bend": (0.0, 1.0),
        "drift": (0.0, 1.0),
        "fading": (0.0, 0.9),
        "fallback": (0.0, 0.9),
        "guess": (0.0, 0.5),
        "slip": (0.0, 0.3),
    }
)

#: How far from nothing a habit lies before the answers are seen: a few of them shall not make extremes.
_WIDTH: Mapping[str, float] = MappingProxyType(
    {"gain": 0.3, "drift": 0.3, "fading": 0.4, "fallback": 0.3, "guess": 0.15, "slip": 0.08}
)


def _choose(line: Sequence, fitted: Fit, students: int, steps: Mapping[str, float]) -> Habits:
    """Walks along each habit in turn while that helps, with steps that are halved."""
    habits = fitted.habits
    score = _worth(line, fitted, students)
    best, reach = score(habits), dict(steps)
    for _ in range(6):
        before = best
        for name in reach:
            habits, best = _walk(score, habits, best, name, reach)
        if best - before < 0.5:
            reach = {name: step / 2 for name, step in reach.items()}
    return habits


def _walk(
    score: Callable[[Habits], float], habits: Habits, best: float, name: str, reach: dict[str, float]
) -> tuple[Habits, float]:
    for sign in (1, -1):
        before = best
        for tried in _along(habits, name, sign * reach[name]):
            found = score(tried)
            if found <= best + 1e-6:
                break
            habits, best = tried, found
        if best > before:
            break
    return habits, best


def _along(habits: Habits, name: str, step: float) -> Iterator[Habits]:
    """Three steps in one direction."""
    low, high = _BOUNDS[name]
    value = getattr(habits, name)
    for times in (1, 2, 4):
        moved = min(max(value + times * step, low), high)
        if moved == value:
            return
        yield habits._replace(**{name: moved})


def _worth(line: Sequence, fitted: Fit, students: int) -> Callable[[Habits], float]:
    """The logarithm of the likelihood of habits, with what was thought of them before."""
    right: npt.NDArray[np.bool_] = line.answers.right > 0

    def score(habits: Habits) -> float:
        chance = follow(line, fitted.items, habits, students).chance
        told = np.where(right, chance, 1 - chance)
        doubt = sum((getattr(habits, name) / width) ** 2 / 2 for name, width in _WIDTH.items())
        scale = sum(np.log(max(each, 0.02) / 0.7) ** 2 / 2 for each in (habits.general, habits.special))
        return float(np.log(np.maximum(told, 1e-9)).sum() - doubt - scale)

    return score
