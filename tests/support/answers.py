"""Simulated answers whose truth is known: abilities, questions, and the chance of each answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np

from coursepulse.definitions.mastery.answers import AnswerRows, Floats, Ints, line_up
from coursepulse.definitions.mastery.filter import follow
from coursepulse.definitions.mastery.model import Habits, Items

#: What an answer adds to the ability, where people learn; and what of that a step takes away, where they forget.
GAIN, KEPT = 0.08, 0.9

#: The chance of a lucky guess, where people guess.
GUESS = 0.25

#: Where a skill is known or not: the chances of a right answer, and of learning it by one more.
KNOWS, DOES_NOT, LEARNS = 0.9, 0.2, 0.1


class Truth(StrEnum):
    """How people answer."""

    RASCH = "rasch"
    TWO_PARAMETERS = "two_parameters"
    LEARNING = "learning"
    FORGETTING = "forgetting"
    GUESSING = "guessing"
    KNOWN_OR_NOT = "known_or_not"


class Shape(NamedTuple):
    """How much is simulated."""

    students: int = 1000
    skills: int = 4
    items: int = 25
    answers: int = 80
    seed: int = 1


class Simulated(NamedTuple):
    """AnswerRows, and what made them.

    :param chance: the true chance of each answer
    :param ability: at the end, by student and skill; 1 or 0 where it is known or not
    """

    answers: AnswerRows
    chance: Floats
    ability: Floats
    difficulty: Floats
    slope: Floats


@dataclass
class _People:
    """What is true of everybody at one moment."""

    ability: Floats
    known: Floats
    practice: Floats
    last: Floats


def simulate(truth: Truth, shape: Shape | None = None) -> Simulated:
    """Answers of students who meet skills and questions at random."""
    shape = shape or Shape()
    rng = np.random.default_rng(shape.seed)
    number = shape.skills * shape.items
    spread = 0.35 if truth is Truth.TWO_PARAMETERS else 0.0
    difficulty, slope = rng.normal(0, 1, number), np.exp(rng.normal(0, spread, number))
    people = _meet(rng, shape)
    rounds = [
        _answer(rng, truth, shape, people, (difficulty, slope), float(at)) for at in range(shape.answers)
    ]
    columns = [np.concatenate(each) for each in zip(*rounds, strict=True)]
    item, skill, right, chance = columns
    student = np.tile(np.arange(shape.students), shape.answers)
    at = np.repeat(np.arange(shape.answers, dtype=np.float64), shape.students)
    answers = AnswerRows(
        student, item.astype(np.int64), skill.astype(np.int64), at, right, np.ones(len(student))
    )
    return Simulated(answers, chance, _reached(truth, shape, people), difficulty, slope)


def write_csv(simulated: Simulated, path: Path) -> None:
    """The answers as a file."""
    rows = zip(*(column.tolist() for column in simulated.answers[:5]), strict=True)
    lines = (f"s{who},{at:g},i{item},k{skill},{right:.0f}\n" for who, item, skill, at, right in rows)
    path.write_text("student,order,item,skill,correct\n" + "".join(lines), encoding="utf-8")


def foretell_best(truth: Truth, simulated: Simulated) -> Floats:
    """The chances foretold by an observer who knows everything but the people: the best there is before an answer."""
    if truth is Truth.KNOWN_OR_NOT:
        return _foretell_known(simulated.answers)
    line = line_up(simulated.answers)
    number = len(simulated.slope)
    items = Items(simulated.difficulty, np.zeros(number), simulated.slope, np.zeros(number))
    learns = truth in {Truth.LEARNING, Truth.FORGETTING}
    habits = Habits(
        general=0.7,
        special=0.7,
        gain=GAIN if learns else 0,
        bend=1 if learns else 0,
        fading=1 - KEPT if truth is Truth.FORGETTING else 0,
        guess=GUESS if truth is Truth.GUESSING else 0,
    )
    chance = np.empty(len(line.source))
    chance[line.source] = follow(line, items, habits, int(line.student_of.max()) + 1).chance
    return chance


def _foretell_known(answers: AnswerRows) -> Floats:
    """Bayes' rule where a skill is known or not."""
    chance, known = np.empty(len(answers.right)), dict[tuple[int, int], float]()
    for row in np.lexsort((answers.at, answers.student)):
        pair = int(answers.student[row]), int(answers.skill[row])
        before = known.get(pair, 0.3)
        chance[row] = before * KNOWS + (1 - before) * DOES_NOT
        told = (
            before * KNOWS / chance[row] if answers.right[row] else before * (1 - KNOWS) / (1 - chance[row])
        )
        known[pair] = told + (1 - told) * LEARNS
    return chance


def _meet(rng: np.random.Generator, shape: Shape) -> _People:
    size = (shape.students, shape.skills)
    ability = rng.normal(0, 0.7, (shape.students, 1)) + rng.normal(0, 0.7, size)
    return _People(ability, (rng.random(size) < 0.3).astype(np.float64), np.zeros(size), np.full(size, -1.0))


def _answer(
    rng: np.random.Generator,
    truth: Truth,
    shape: Shape,
    people: _People,
    questions: tuple[Floats, Floats],
    at: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Everybody answers one question."""
    who = np.arange(shape.students)
    skill = rng.integers(0, shape.skills, shape.students)
    item = skill * shape.items + rng.integers(0, shape.items, shape.students)
    if truth is Truth.FORGETTING:
        gap = np.where(people.last[who, skill] >= 0, at - people.last[who, skill], 0)
        people.practice[who, skill] *= KEPT**gap
    chance = _chances(truth, people, (who, skill), questions[0][item], questions[1][item])
    right = (rng.random(shape.students) < chance).astype(np.float64)
    people.practice[who, skill] += 1
    people.last[who, skill] = at
    people.known[who, skill] = np.maximum(people.known[who, skill], rng.random(shape.students) < LEARNS)
    return item.astype(np.float64), skill.astype(np.float64), right, chance


def _chances(
    truth: Truth, people: _People, pair: tuple[Ints, Ints], difficulty: Floats, slope: Floats
) -> Floats:
    if truth is Truth.KNOWN_OR_NOT:
        return np.where(people.known[pair] > 0, KNOWS, DOES_NOT)
    gain = GAIN if truth in {Truth.LEARNING, Truth.FORGETTING} else 0
    now = people.ability[pair] + gain * people.practice[pair]
    chance: Floats = 1 / (1 + np.exp(-slope * (now - difficulty)))
    return GUESS + (1 - GUESS) * chance if truth is Truth.GUESSING else chance


def _reached(truth: Truth, shape: Shape, people: _People) -> Floats:
    if truth is Truth.KNOWN_OR_NOT:
        return people.known
    rested = np.where(people.last >= 0, shape.answers - 1 - people.last, 0)
    kept: Floats = KEPT**rested if truth is Truth.FORGETTING else np.ones_like(rested)
    gain = GAIN if truth in {Truth.LEARNING, Truth.FORGETTING} else 0
    reached: Floats = people.ability + gain * people.practice * kept
    return reached
