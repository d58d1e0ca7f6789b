"""Every course on one line, busiest first."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.format import Kind
from coursepulse.dashboards.links import course_link


class Course(NamedTuple):
    """One course in the period."""

    course_id: str
    title: str
    learners_enrolled: int | None
    active_learners: int | None
    completion_pct: float | None
    score_pct: float | None
    time_spent: float | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[Course, ...]:
    """The wanted part of the list."""
    return tuple(_course(row) for row in ask.page("courses"))


def _course(row: Record) -> Course:
    return Course(
        row["course_id"],
        row["title"] or row["course_id"],
        row["learners_enrolled"],
        row["active_learners"],
        row["completion_pct"],
        row["score_pct"],
        row["time_spent"],
        row.get("suppressed", False),
    )


CARD = Card(
    slug="platform_courses",
    scope=Scope.PLATFORM,
    metrics=("courses",),
    data=data,
    columns=(
        Column("course_id", hidden=True),
        Column("title", link=lambda row: course_link(row.course_id)),
        Column("learners_enrolled", Kind.COUNT),
        Column("active_learners", Kind.COUNT),
        Column("completion_pct", Kind.PERCENT),
        Column("score_pct", Kind.PERCENT),
        Column("time_spent", Kind.SECONDS),
    ),
    template="table.html",
    span=12,
    sort=("-active_learners", "title", "-learners_enrolled", "-completion_pct", "-score_pct", "-time_spent"),
    paged=True,
)
