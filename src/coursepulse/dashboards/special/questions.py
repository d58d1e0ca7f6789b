"""The questions of a course under names that people know: their quiz, and their place in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.kit.natural import natural_key
from coursepulse.metrics.metric import Column


@dataclass(frozen=True, kw_only=True)
class QuestionTable(DataTable):
    """One row a question. The catalog knows no questions: they are counted in the order of their ids."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The id stays in JSON and CSV."""
        return tuple(
            each._replace(hidden=True) if each.name == "question_id" else each for each in card.chosen
        )

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The questions, named."""
        rows = super().read(card, reader)
        places = _count(rows)
        return [row | {"title": _name(row, places[_key(row)])} for row in rows]


def _key(row: Record) -> tuple[str, str]:
    return row["assessment_id"], row["question_id"]


def _count(rows: Rows) -> dict[tuple[str, str], int]:
    """The place of each question in its quiz, from 1."""
    quizzes = defaultdict[str, set[str]](set)
    for row in rows:
        quizzes[row["assessment_id"]].add(row["question_id"])
    return {
        (quiz, question): place
        for quiz, questions in quizzes.items()
        for place, question in enumerate(sorted(questions, key=natural_key), 1)
    }


def _name(row: Record, place: int) -> str:
    return say("question.named", quiz=row["title"], number=place)
