"""What to do next, and why: the reasons of the risk rules turned into help, never into a label."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.web.cards.ask import Ask, Record
from coursepulse.web.cards.card import Card, Column, Scope
from coursepulse.web.cards.links import course_link
from coursepulse.web.text import say

#: Which reason leads to which advice; reasons without advice are not for students to worry about.
_ADVICE = {
    "inactive": ("resume", "come_back"),
    "very_inactive": ("resume", "come_back"),
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
    """The most pressing first, at most four; a pat on the back when nothing presses."""
    courses = ask.records("student_courses")
    titles = {row["course_id"]: row["title"] or row["course_id"] for row in courses}
    steps = [step for row in ask.records("student_risk") for step in _advise(row, titles)]
    steps += [_go_on(row) for row in courses if 0 < (row["completion_pct"] or 0) < 100]
    return tuple(dict.fromkeys(steps))[:4]


def _advise(row: Record, titles: dict[str, str]) -> list[Step]:
    known = [_ADVICE[reason] for reason in row["reasons"] if reason in _ADVICE]
    course_id = row["course_id"]
    return [_step(advice, icon, course_id, titles.get(course_id, course_id)) for icon, advice in known]


def _go_on(row: Record) -> Step:
    return _step("go_on", "resume", row["course_id"], row["title"] or row["course_id"])


def _step(advice: str, icon: str, course_id: str, course: str) -> Step:
    title, why = say(f"step.{advice}", course=course), say(f"step.{advice}.why", course=course)
    return Step(title, why, icon, course_link(course_id))


CARD = Card(
    slug="student_steps",
    scope=Scope.STUDENT,
    metrics=("student_risk", "student_courses"),
    data=data,
    columns=(Column("title"), Column("why"), Column("href", hidden=True)),
    template="steps.html",
    span=4,
)
