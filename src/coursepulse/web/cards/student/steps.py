"""What to do next, and why: the reasons of the risk rules turned into help, never into a label."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.web.cards.ask import Ask, Record
from coursepulse.web.cards.card import Card, Column, Scope
from coursepulse.web.cards.links import course_link
from coursepulse.web.cards.reasons import read_reasons
from coursepulse.web.text import say

#: The icon and the advice for every reason of the risk rule.
_ADVICE = {
    "inactive": ("resume", "come_back"),
    "slowing": ("resume", "come_back"),
    "never_active": ("resume", "begin"),
    "missed_due": ("calendar", "catch_up"),
    "low_scores": ("quiz", "practise"),
    "falling_scores": ("quiz", "practise"),
    "behind_cohort": ("check", "next_lesson"),
    "low_coverage": ("video", "watch_rest"),
}


class Step(NamedTuple):
    """One suggestion with its reason."""

    title: str
    why: str
    icon: str
    href: str


def data(ask: Ask) -> tuple[Step, ...]:
    """The most pressing first, at most four; then courses to go on with."""
    steps = [step for row in ask.records("student_risk") for step in _advise(row)]
    begun = [row for row in ask.records("student_courses") if 0 < (row["completion_pct"] or 0) < 100]
    return tuple(dict.fromkeys((*steps, *(_step("go_on", "resume", row) for row in begun))))[:4]


def _advise(row: Record) -> list[Step]:
    advice = [_ADVICE[reason.cause] for reason in read_reasons(row["reasons"])]
    return [_step(name, icon, row) for icon, name in advice]


def _step(advice: str, icon: str, row: Record) -> Step:
    course = row["title"] or row["course_id"]
    title, why = say(f"step.{advice}", course=course), say(f"step.{advice}.why", course=course)
    return Step(title, why, icon, course_link(row["course_id"]))


CARD = Card(
    slug="student_steps",
    scope=Scope.STUDENT,
    metrics=("student_risk", "student_courses"),
    data=data,
    columns=(Column("title"), Column("why"), Column("href", hidden=True)),
    template="steps.html",
    span=5,
)
