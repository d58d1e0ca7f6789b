"""The questions that a student has answered, by their number in the quiz."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.kit.natural import natural_key
from coursepulse.metrics.query import Query

#: The queries behind it.
OWN, ALL = "student_answers", "quiz_questions"


def list_answers(found: QueryRows, _: Query) -> list[Row]:
    """One row a question, quiz by quiz in the order of the questions."""
    places = _number(found[ALL])
    rows = [row | {"number": places[_key(row)]} for row in found[OWN]]
    return sorted(rows, key=lambda row: (row["course_id"], row["assessment_id"], row["number"]))


def _key(row: Row) -> tuple[str, str, str]:
    return row["course_id"], row["assessment_id"], row["question_id"]


def _number(rows: Sequence[Row]) -> dict[tuple[str, str, str], int]:
    """The place of each question in its quiz, from 1. The catalog knows no questions: they are ordered by their ids."""
    quizzes = defaultdict[tuple[str, str], set[str]](set)
    for row in rows:
        quizzes[row["course_id"], row["assessment_id"]].add(row["question_id"])
    return {
        (*quiz, question): place
        for quiz, questions in quizzes.items()
        for place, question in enumerate(sorted(questions, key=natural_key), 1)
    }
