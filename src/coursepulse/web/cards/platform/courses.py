"""Every course on one line, busiest first."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.web.cards.ask import Ask, Record
from coursepulse.web.cards.card import Card, Column, Scope
from coursepulse.web.cards.format import Kind
from coursepulse.web.cards.links import course_link


class Course(NamedTuple):
    """One course in the period."""

    course_id: str
    title: str
    active_learners: int
    completion_pct: float | None
    score_pct: float | None
    time_spent: float


def data(ask: Ask) -> tuple[Course, ...]:
    """The courses that the viewer may see."""
    return tuple(_course(row) for row in ask.records("course_summary"))


def _course(row: Record) -> Course:
    return Course(
        row["course_id"],
        row["title"] or row["course_id"],
        row["active_learners"],
        row["completion_pct"],
        row["score_pct"],
        row["time_spent"],
    )


CARD = Card(
    slug="platform_courses",
    scope=Scope.PLATFORM,
    metrics=("course_summary",),
    data=data,
    columns=(
        Column("course_id", hidden=True),
        Column("title", link=lambda row: course_link(row.course_id)),
        Column("active_learners", Kind.COUNT),
        Column("completion_pct", Kind.PERCENT),
        Column("score_pct", Kind.PERCENT),
        Column("time_spent", Kind.SECONDS),
    ),
    template="table.html",
    span=12,
    sort=("-active_learners", "title", "-completion_pct", "-score_pct", "-time_spent"),
)
