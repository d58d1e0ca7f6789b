"""Figures of questions, against what made the answers and against counting by hand."""

from __future__ import annotations

import numpy as np

from coursepulse.definitions.mastery.answers import AnswerRows
from coursepulse.insight.skills.prerequisites import find_orders
from coursepulse.insight.skills.questions import describe, first_answers, fit_rasch
from tests.support.answers import Shape, Truth, simulate


def answers(rows: list[tuple[int, int, float]]) -> AnswerRows:
    student, item, right = (np.array(each) for each in zip(*rows, strict=True))
    count = len(rows)
    zeros = np.zeros(count, dtype=np.int64)
    return AnswerRows(
        student, item, zeros, np.arange(count, dtype=np.float64), right.astype(float), np.ones(count)
    )


def test_difficulty_and_correlation_are_those_of_a_sheet() -> None:
    right = [[1, 1, 0, 1], [1, 0, 0, 1], [0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 1]]
    rows = [(who, item, float(right[who][item])) for who in range(5) for item in range(4)]
    # only the first answer counts
    found = describe(first_answers(answers([*rows, (0, 2, 1.0)])), 4)
    sheet = np.array(right, dtype=float)
    for item in range(4):
        others = np.delete(sheet, item, axis=1).sum(axis=1)
        assert np.isclose(found.correlation[item], np.corrcoef(sheet[:, item], others)[0, 1])
    assert found.right.tolist() == sheet.sum(axis=0).tolist()
    assert found.answered.tolist() == [5] * 4


def test_rasch_finds_the_difficulties_and_how_sure_they_are() -> None:
    simulated = simulate(Truth.RASCH, Shape(students=600, skills=1, items=20, answers=60))
    found = fit_rasch(first_answers(simulated.answers), 20)
    off = found.difficulty - simulated.difficulty
    assert np.corrcoef(found.difficulty, simulated.difficulty)[0, 1] > 0.98
    assert 0.6 < np.std(off / found.error) < 1.5
    assert abs(found.spread - np.hypot(0.7, 0.7)) < 0.15


def test_rasch_says_nothing_of_what_all_did_alike() -> None:
    rows = [(who, item, float(item == 0 or (who + item) % 2)) for who in range(10) for item in range(3)]
    found = fit_rasch(answers(rows), 3)
    assert np.isnan(found.difficulty).tolist() == [True, False, False]
    alone = fit_rasch(answers([(0, 0, 1.0)]), 1)
    assert np.isnan(alone.difficulty).all()


def test_an_order_of_skills_is_shown_only_where_it_is_stable() -> None:
    rng = np.random.default_rng(5)
    first = rng.random(200) < 0.6
    second = first & (rng.random(200) < 0.5)
    third = second & (rng.random(200) < 0.4)
    unrelated = rng.random(200) < 0.5
    found = find_orders(np.stack([first, second, third, unrelated], axis=1).astype(float))
    assert [(each.before, each.after) for each in found] == [(0, 1), (1, 2)]
    assert all(each.stability >= 0.95 and each.people == 200 for each in found)
    assert find_orders(np.stack([first[:40], second[:40]], axis=1).astype(float)) == []
