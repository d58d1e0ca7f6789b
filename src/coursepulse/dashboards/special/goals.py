"""The goals that a student has set, and how they go: for the student alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import show, span
from coursepulse.dashboards.language import days
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import plural, say
from coursepulse.metrics.metric import Column, Unit

_WORDS = (
    Column("goal", Unit.TEXT, "Goal", "the goal in words", hidden=True),
    Column("progress", Unit.TEXT, "How it goes", "how it goes, in words", hidden=True),
    Column(
        "reached_pct", Unit.PERCENT, "Reached", "of the minutes of this week; null for a course", hidden=True
    ),
)


@dataclass(frozen=True, kw_only=True)
class Goals(View):
    """One goal after the other, that of the week first."""

    template: ClassVar[str] = "goals.html"
    act: str = "/goals"

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, and their words."""
        return (*card.chosen, *_WORDS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """One row a goal."""
        rows = card.pick(reader.rows(card.source.slug))
        return [row | (_weekly(row) if row["minutes"] else _course(row)) for row in rows]


def _weekly(row: Record) -> Record:
    wanted = 60 * row["minutes"]
    told = [say("goal.week.spent", spent=span(row["time_week"]), wanted=span(wanted))]
    if row["weeks_seen"]:
        told.append(
            say("goal.week.kept", kept=row["weeks_kept"], weeks=plural("goal.weeks", row["weeks_seen"]))
        )
    return {
        "goal": say("goal.week", wanted=span(wanted)),
        "progress": " ".join(told),
        "reached_pct": min(100.0, 100 * row["time_week"] / wanted),
    }


def _course(row: Record) -> Record:
    goal = say("goal.course", course=row["title"], day=show(row["finish_on"], Unit.DATE))
    return {"goal": goal, "progress": " ".join(_tell_course(row)), "reached_pct": None}


def _tell_course(row: Record) -> list[str]:
    told = []
    if row["lessons_left"] and row["lessons_needed"]:
        a_week = show(row["lessons_needed"], Unit.NUMBER)
        told.append(
            say("goal.course.needed", left=plural("goal.lessons", row["lessons_left"]), a_week=a_week)
        )
    if row["finish_from"] and row["goal_state"] != "reached":
        told.append(say("goal.course.pace", span=days(row["finish_from"], row["finish_to"])))
    elif row["goal_state"] == "too_early":
        told.append(say("goal.course.too_early"))
    return told
