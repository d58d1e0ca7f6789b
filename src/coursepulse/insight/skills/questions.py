"""What answers tell about the questions: classical figures, and the model of Rasch by marginal maximum likelihood."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coursepulse.definitions.mastery.answers import AnswerRows, Floats, Ints

#: Points of the distribution of abilities, in standard deviations.
_POINTS: Floats = np.linspace(-4, 4, 41)
_MASS: Floats = np.exp(-(_POINTS**2) / 2) / np.exp(-(_POINTS**2) / 2).sum()

#: So many students times questions are enough for errors far below what anybody would act on.
_ROOM = 200_000


class Classical(NamedTuple):
    """One value a question, of the first answer of each student.

    :param answered: how many students
    :param right: how many of them were right
    :param correlation: with the share right of the student's other answers; nan where all did alike
    """

    answered: Ints
    right: Floats
    correlation: Floats


class Rasch(NamedTuple):
    """One value a question; nan where everybody was right or everybody wrong.

    :param difficulty: on the scale of the logistic curve, 0 for the mean student
    :param error: its standard error
    :param spread: the standard deviation of abilities
    """

    difficulty: Floats
    error: Floats
    spread: float


def first_answers(answers: AnswerRows) -> AnswerRows:
    """The first answer of each student to each question."""
    order = np.lexsort((answers.right, answers.at, answers.item, answers.student))
    sorted_ = answers.pick(order)
    new = (np.diff(sorted_.student, prepend=-1) != 0) | (np.diff(sorted_.item, prepend=-1) != 0)
    return sorted_.pick(new)


def describe(firsts: AnswerRows, items: int) -> Classical:
    """Difficulty and discrimination by counting."""
    count = np.bincount(firsts.student)
    good = np.bincount(firsts.student, firsts.right)
    others = count[firsts.student] - 1
    told = others > 0
    rest = (good[firsts.student] - firsts.right)[told] / others[told]
    correlation = _correlate(firsts.item[told], firsts.right[told], rest, items)
    return Classical(
        np.bincount(firsts.item, minlength=items),
        np.bincount(firsts.item, firsts.right, items).astype(np.float64),
        correlation,
    )


def _correlate(item: Ints, right: Floats, rest: Floats, items: int) -> Floats:
    number = np.maximum(np.bincount(item, minlength=items), 1)

    def deviate(values: Floats) -> Floats:
        mean = np.bincount(item, values, items) / number
        away: Floats = values - mean[item]
        return away

    x, y = deviate(right), deviate(rest)
    both, left, top = (np.bincount(item, values, items) for values in (x * y, x * x, y * y))
    spread = np.sqrt(left * top)
    return np.where(spread > 1e-12, both / np.where(spread > 1e-12, spread, 1), np.nan)


def fit_rasch(firsts: AnswerRows, items: int) -> Rasch:
    """Difficulties that make the answers likeliest, over normally distributed abilities (Bock and Aitkin 1981)."""
    given, right = _grid(firsts, items)
    total, good = given.sum(axis=0), right.sum(axis=0)
    free = (good > 0) & (good < total)
    difficulty, error = np.full(items, np.nan), np.full(items, np.nan)
    if not free.any():
        return Rasch(difficulty, error, 0.0)
    found, errors, spread = _maximise(given[:, free], right[:, free])
    difficulty[free], error[free] = found, errors
    return Rasch(difficulty, error, spread)


def _grid(firsts: AnswerRows, items: int) -> tuple[Floats, Floats]:
    """Students by questions: who answered what, and who was right. Of very many students, every n-th."""
    _names, row = np.unique(firsts.student, return_inverse=True)
    people = int(row.max()) + 1 if len(row) else 0
    every = max(1, people * items // _ROOM)
    kept = row % every == 0
    given = np.zeros((people // every + 1, items))
    right = np.zeros_like(given)
    given[row[kept] // every, firsts.item[kept]] = 1
    right[row[kept] // every, firsts.item[kept]] = firsts.right[kept]
    return given, right


def _maximise(given: Floats, right: Floats) -> tuple[Floats, Floats, float]:
    """Expectation and maximisation until nothing moves; errors by what is missing (Louis 1982)."""
    share = right.sum(axis=0) / given.sum(axis=0)
    difficulty, spread = -np.log(share / (1 - share)), 1.0
    for _ in range(200):
        chance = _chances(difficulty, spread)
        weight = _weigh(given, right, chance)
        step = (given.T @ weight * chance.T).sum(axis=1) - right.sum(axis=0)
        info = (given.T @ weight * (chance * (1 - chance)).T).sum(axis=1)
        moved = np.clip(step / np.maximum(info, 1e-9), -1, 1)
        wider = float(np.sqrt(max((weight @ (spread * _POINTS) ** 2).mean(), 1e-4)))
        # of a few answers that fit together too well the likeliest values lie beyond all bounds
        difficulty, wider = np.clip(difficulty + moved, -8, 8), min(wider, 5.0)
        spread, still = wider, abs(wider - spread)
        if max(float(np.abs(moved).max()), still) < 1e-3:
            break
    chance = _chances(difficulty, spread)
    weight = _weigh(given, right, chance)
    mean = weight @ chance
    # of each answer: what it would tell if the ability were known, less what is not known of that
    told = (given * (weight @ (chance * (1 - chance)) - (weight @ chance**2 - mean**2))).sum(axis=0)
    return difficulty, 1 / np.sqrt(np.maximum(told, 1e-9)), spread


def _chances(difficulty: Floats, spread: float) -> Floats:
    """Points of ability by questions."""
    chance: Floats = 1 / (1 + np.exp(-(spread * _POINTS[:, None] - difficulty[None, :])))
    return np.clip(chance, 1e-12, 1 - 1e-12)


def _weigh(given: Floats, right: Floats, chance: Floats) -> Floats:
    """How likely each point of ability is, by student."""
    told = right @ np.log(chance).T + (given - right) @ np.log1p(-chance).T + np.log(_MASS)
    weight = np.exp(told - told.max(axis=1, keepdims=True))
    shares: Floats = weight / weight.sum(axis=1, keepdims=True)
    return shares
