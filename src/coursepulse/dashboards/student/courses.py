"""How far a student is in each course."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.format import Kind
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.people import id_text


class Progress(NamedTuple):
    """One course of the student, to date; ``time_spent`` in seconds."""

    course_id: str
    title: str
    completion_pct: float | None
    lessons_completed: int
    total_lessons: int
    time_spent: float
    href: str


def data(ask: Ask) -> tuple[Progress, ...]:
    """Unfinished courses first, the furthest of them on top."""
    student = id_text(ask.subject.student)
    rows = [_progress(student, row) for row in ask.records("student_courses")]
    return tuple(sorted(rows, key=_order))


def _order(row: Progress) -> tuple[bool, float, str]:
    reached = row.completion_pct or 0.0
    return reached >= 100, -reached, row.title


def _progress(student: str, row: Record) -> Progress:
    return Progress(
        row["course_id"],
        row["title"] or row["course_id"],
        row["completion_pct"],
        row["lessons_completed"],
        row["total_lessons"],
        row["time_spent"],
        learner_link(row["course_id"], student),
    )


CARD = Card(
    slug="student_courses",
    scope=Scope.STUDENT,
    metrics=("student_courses",),
    data=data,
    columns=(
        Column("course_id", hidden=True),
        Column("title", link=lambda row: row.href),
        Column("completion_pct", Kind.PERCENT),
        Column("lessons_completed", Kind.COUNT),
        Column("total_lessons", Kind.COUNT),
        Column("time_spent", Kind.SECONDS),
        Column("href", hidden=True),
    ),
    template="progress.html",
    span=12,
)
