"""What to do next, and why: help, never a label. Only for those who agreed to personal suggestions."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.people import id_text
from coursepulse.dashboards.text import say

#: The icon of every advice of ``coursepulse.definitions.steps``.
_ICONS = {
    "come_back": "resume",
    "begin": "resume",
    "catch_up": "calendar",
    "practise": "quiz",
    "next_lesson": "check",
    "watch_rest": "video",
    "go_on": "resume",
}


class Step(NamedTuple):
    """One suggestion with its reason."""

    title: str
    why: str
    icon: str
    href: str


def data(ask: Ask) -> tuple[Step, ...]:
    """The most pressing first."""
    student = id_text(ask.subject.student)
    return tuple(_step(student, row) for row in ask.records("student_steps"))


def _step(student: str, row: Record) -> Step:
    course, advice = row["title"] or row["course_id"], row["advice"]
    title, why = say(f"step.{advice}", course=course), say(f"step.{advice}.why", course=course)
    return Step(title, why, _ICONS[advice], learner_link(row["course_id"], student))


CARD = Card(
    slug="student_steps",
    scope=Scope.STUDENT,
    metrics=("student_steps",),
    data=data,
    columns=(Column("title"), Column("why"), Column("href", hidden=True)),
    template="steps.html",
    span=5,
)
