"""Which questions trip people up: the share that is right at the first try."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.format import Kind


class Question(NamedTuple):
    """One question of one assessment."""

    assessment_id: str
    title: str
    question_id: str
    answered: int | None
    first_try_pct: float | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[Question, ...]:
    """Every question that somebody answered."""
    return tuple(
        Question(
            row["assessment_id"],
            row["title"] or row["assessment_id"],
            row["question_id"],
            row["answered"],
            row["first_try_pct"],
            row.get("suppressed", False),
        )
        for row in ask.records("question_first_try")
    )


CARD = Card(
    slug="course_questions",
    scope=Scope.COURSE,
    metrics=("question_first_try",),
    data=data,
    columns=(
        Column("assessment_id", hidden=True),
        Column("question_id"),
        Column("title"),
        Column("answered", Kind.COUNT),
        Column("first_try_pct", Kind.PERCENT),
    ),
    template="table.html",
    span=6,
    sort=("first_try_pct", "title", "question_id", "-answered"),
    page_size=10,
)
