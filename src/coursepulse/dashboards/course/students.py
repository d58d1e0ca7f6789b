"""Everybody in a course, on one line each."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.format import Kind
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.people import id_text, name_of
from coursepulse.kit.clock import Micros


class Student(NamedTuple):
    """One student of the course; ``time_spent`` in seconds, within the period."""

    course_id: str
    student_id: str
    name: str
    completion_pct: float | None
    score_pct: float | None
    time_spent: float
    days_active: int
    engagement: str | None
    bucket: str
    last_activity_at: Micros | None


def data(ask: Ask) -> tuple[Student, ...]:
    """The wanted part of the list."""
    return tuple(_student(ask.subject.course, row) for row in ask.page("course_students"))


def _student(course_id: str, row: Record) -> Student:
    return Student(
        course_id,
        id_text(row["student_id"]),
        name_of(row["student_id"], row.get("name")),
        row["completion_pct"],
        row["score_pct"],
        row["time_spent"],
        row["days_active"],
        row["engagement"],
        row["bucket"],
        row["last_activity_at"],
    )


CARD = Card(
    slug="course_students",
    scope=Scope.COURSE,
    metrics=("course_students",),
    data=data,
    columns=(
        Column("course_id", hidden=True),
        Column("student_id", hidden=True),
        Column("name", link=lambda row: learner_link(row.course_id, row.student_id)),
        Column("completion_pct", Kind.PERCENT),
        Column("score_pct", Kind.PERCENT),
        Column("time_spent", Kind.SECONDS),
        Column("days_active", Kind.COUNT),
        Column("engagement", Kind.BAND),
        Column("bucket", Kind.BUCKET),
        Column("last_activity_at", Kind.MOMENT),
    ),
    template="table.html",
    span=12,
    sort=("-last_activity_at", "name", "-completion_pct", "-score_pct", "-time_spent", "-days_active"),
    paged=True,
)
