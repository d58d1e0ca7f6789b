"""Answers to questions as columns, in the one order in which everything about them is worked out."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]


class AnswerRows(NamedTuple):
    """One row an answer. Codes count from 0.

    :param student: codes of the students
    :param item: codes of the questions
    :param skill: codes of the skills
    :param at: when, on any scale that grows; of one student, the order of the answers
    :param right: 1 for a right answer, 0 for a wrong one
    :param weight: how much an answer tells: one that stands for two skills tells half about each
    """

    student: Ints
    item: Ints
    skill: Ints
    at: Floats
    right: Floats
    weight: Floats

    def pick(self, rows: npt.NDArray[np.bool_] | Ints) -> AnswerRows:
        """Some of the rows."""
        return AnswerRows(
            self.student[rows],
            self.item[rows],
            self.skill[rows],
            self.at[rows],
            self.right[rows],
            self.weight[rows],
        )


class Sequence(NamedTuple):
    """Answers in the order in which they are taken in: the first of everybody, then the second, and so on.

    :param answers: in this order
    :param source: where each row stood before
    :param bounds: where each round begins, and where the last ends
    :param pair: code of the student and skill of each row
    :param gap: from the last answer of the same pair, 0 for the first
    :param pairs: how many pairs there are
    :param skill_of: the skill of each pair
    :param student_of: the student of each pair
    """

    answers: AnswerRows
    source: Ints
    bounds: Ints
    pair: Ints
    gap: Floats
    pairs: int
    skill_of: Ints
    student_of: Ints


def line_up(answers: AnswerRows) -> Sequence:
    """Sorts answers by student and time, then into rounds. Question and verdict break ties, not arrival."""
    order = np.lexsort((answers.right, answers.item, answers.skill, answers.at, answers.student))
    sorted_ = answers.pick(order)
    turn = _count_up(sorted_.student)
    rounds = np.lexsort((sorted_.student, turn))
    skills = int(answers.skill.max()) + 1 if len(answers.skill) else 1
    keys, pair = np.unique(sorted_.student * skills + sorted_.skill, return_inverse=True)
    gap = _gaps(pair, sorted_.at)
    return Sequence(
        sorted_.pick(rounds),
        order[rounds],
        np.concatenate([[0], np.cumsum(np.bincount(turn))]).astype(np.int64),
        pair[rounds],
        gap[rounds],
        len(keys),
        keys % skills,
        keys // skills,
    )


def _count_up(groups: Ints) -> Ints:
    """The place of each row in its group, from 0; groups stand together."""
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]]) if len(groups) else groups
    sizes = np.diff(np.r_[starts, len(groups)])
    return np.arange(len(groups)) - np.repeat(starts, sizes)


def _gaps(pair: Ints, at: Floats) -> Floats:
    """The time since the row before of the same pair."""
    order = np.lexsort((np.arange(len(pair)), pair))
    same = np.r_[False, pair[order][1:] == pair[order][:-1]]
    gaps = np.zeros(len(pair))
    gaps[order] = np.where(same, np.diff(at[order], prepend=0.0), 0.0)
    return gaps
