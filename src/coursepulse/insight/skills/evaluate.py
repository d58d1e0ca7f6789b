"""How well the model foretells the next answer, of students and questions that it was not fitted to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from coursepulse.definitions.mastery.answers import AnswerRows, Floats, Ints, line_up
from coursepulse.definitions.mastery.curve import STRAIGHT, set_right
from coursepulse.definitions.mastery.filter import expect, follow
from coursepulse.definitions.mastery.model import Fit
from coursepulse.insight.skills.calibrate import refit_items

#: From so many answers on, two parts are enough.
_MANY = 200_000


class Foretold(NamedTuple):
    """One value an answer, in the order of the answers given.

    :param chance: of a right answer, by what the student had answered before and others at any time
    :param plain: the same by the question alone, for any student
    :param seen: how many answers the student had given before
    """

    chance: Floats
    plain: Floats
    seen: Ints


def foretell(answers: AnswerRows, fitted: Fit, sizes: tuple[int, int, int]) -> Foretold:
    """Predicts each answer before it is taken in; questions are known by the answers of other students alone."""
    count = len(answers.right)
    found = Foretold(np.empty(count), np.empty(count), np.zeros(count, dtype=np.int64))
    for part in _parts(answers, sizes[0]):
        rest = refit_items(line_up(answers.pick(~part)), fitted, sizes) if not part.all() else _blank(fitted)
        _foretell_part(answers, np.flatnonzero(part), rest, sizes[0], found)
    return found


def _parts(answers: AnswerRows, students: int) -> list[npt.NDArray[np.bool_]]:
    number = min(2 if len(answers.right) > _MANY else 5, max(students, 1))
    part = np.random.default_rng(11).permutation(students) % number
    return [part[answers.student] == each for each in range(number)]


def _blank(fitted: Fit) -> Fit:
    """Nobody else has answered: nothing is known of any question."""
    items = fitted.items._replace(
        difficulty=np.zeros_like(fitted.items.difficulty),
        difficulty_var=np.ones_like(fitted.items.slope),
        slope=np.ones_like(fitted.items.slope),
    )
    return fitted._replace(items=items, curve=STRAIGHT)


def _foretell_part(answers: AnswerRows, rows: Ints, fitted: Fit, students: int, found: Foretold) -> None:
    line = line_up(answers.pick(rows))
    at, item = rows[line.source], line.answers.item
    found.chance[at] = set_right(follow(line, fitted.items, fitted.habits, students).chance, fitted.curve)
    found.seen[at] = np.repeat(np.arange(len(line.bounds) - 1), np.diff(line.bounds))
    items, habits = fitted.items, fitted.habits
    broad = np.full(len(at), habits.general**2 + habits.special**2)
    found.plain[at] = expect(
        np.zeros(len(at)),
        broad,
        items.slope[item],
        items.difficulty[item],
        items.difficulty_var[item],
        habits,
    )[0]


def auc(chance: Floats, right: Floats) -> float | None:
    """The chance that a right answer was thought likelier than a wrong one; None where all are alike."""
    good = int(right.sum())
    if not 0 < good < len(right):
        return None
    _values, place, count = np.unique(chance, return_inverse=True, return_counts=True)
    ranks = np.cumsum(count) - (count - 1) / 2
    return float((ranks[place][right > 0].sum() - good * (good + 1) / 2) / (good * (len(right) - good)))


def calibration_error(chance: Floats, right: Floats, bins: int = 10) -> float:
    """How far chances lie from what came true, over ten equally wide bins (expected calibration error)."""
    place = np.minimum((chance * bins).astype(np.int64), bins - 1)
    off = np.bincount(place, chance - right, bins)
    return float(np.abs(off).sum() / max(len(right), 1))


def log_loss(chance: Floats, right: Floats) -> float:
    """The mean of minus the logarithm of the chance of what came true."""
    told = np.where(right > 0, chance, 1 - chance)
    return float(-np.log(np.maximum(told, 1e-12)).mean())
