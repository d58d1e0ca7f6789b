"""Where a course loses its students: started and completed, lesson by lesson."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, count_of
from coursepulse.dashboards.text import say


class Lesson(NamedTuple):
    """How many students started and completed one lesson, to date."""

    lesson_id: str
    title: str
    started: int | None
    completed: int | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[Lesson, ...]:
    """Lessons in course order."""
    return tuple(
        Lesson(
            row["lesson_id"],
            row["title"] or row["lesson_id"],
            row["started"],
            row["completed"],
            row.get("suppressed", False),
        )
        for row in ask.records("course_lessons")
    )


def option(rows: tuple[Lesson, ...]) -> Option:
    """Those who started behind, those who completed in front."""
    started = [chart.point(row.started, _tip(row, number)) for number, row in enumerate(rows, 1)]
    return chart.frame(
        trigger="axis",
        legend=True,
        xAxis=chart.categories([str(number) for number in range(1, len(rows) + 1)]),
        yAxis=chart.values(minInterval=1),
        series=[
            chart.bars(say("column.started"), started, chart.FAINT, barGap="-100%"),
            chart.bars(say("column.completed"), [{"value": row.completed} for row in rows], chart.ACCENT),
        ],
    )


def _tip(row: Lesson, number: int) -> str:
    return say(
        "tip.lesson",
        number=number,
        title=row.title,
        started=count_of(row.started),
        completed=count_of(row.completed),
    )


CARD = Card(
    slug="course_lessons",
    scope=Scope.COURSE,
    metrics=("course_lessons",),
    data=data,
    option=option,
    columns=(
        Column("lesson_id", hidden=True),
        Column("title"),
        Column("started", Kind.COUNT),
        Column("completed", Kind.COUNT),
    ),
    span=6,
)
