"""What came of each quiz and assignment, and what to look at again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

_ANSWERS = "student_answers"

_RESULT = Column("result", Unit.STATE, "Result", "passed, not_passed, handed_in or not_started")
_WRONG = Column(
    "wrong", Unit.LIST, "Wrong at last", "questions whose newest answer was wrong, by their number"
)


@dataclass(frozen=True, kw_only=True)
class Feedback(DataTable):
    """One row for each quiz and assignment."""

    @property
    def besides(self) -> tuple[str, ...]:
        """Single answers are for the student and those who teach."""
        return (_ANSWERS,)

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, what came of it, and what was wrong."""
        return (*card.chosen, _RESULT, _WRONG)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """What has a result or a hand-in first, by its title; then what has not been tried."""
        wrong = _list_wrong(reader.rows_if_shared(_ANSWERS))
        whole = reader.rows(card.source.slug)
        rows = [
            picked | {"result": _result(row), "wrong": wrong[row["course_id"], row["assessment_id"]]}
            for row, picked in zip(whole, card.pick(whole), strict=True)
        ]
        return sorted(rows, key=lambda row: (row["result"] == "not_started", row["title"]))


def _list_wrong(answers: Rows) -> dict[tuple[str, str], list[str]]:
    found = defaultdict[tuple[str, str], list[str]](list)
    for row in answers:
        if not row["last_right"]:
            words = say("feedback.question", number=row["number"])
            found[row["course_id"], row["assessment_id"]].append(words)
    return found


def _result(row: Record) -> str:
    if row["passed"] is not None:
        return "passed" if row["passed"] else "not_passed"
    return "handed_in" if row["handed_in_at"] else "not_started"
