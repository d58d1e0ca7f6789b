"""A course day by day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, count_of, span_of
from coursepulse.dashboards.text import say


class Day(NamedTuple):
    """One UTC day of a course; ``time_spent`` in seconds."""

    day: date
    active_learners: int | None
    time_spent: float | None
    lessons_completed: int | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[Day, ...]:
    """Every day of the period, also those on which nothing happened; nothing when nothing ever did."""
    days, found, absent = ask.daily("course_daily")
    return tuple(_day(day, found.get(day, absent)) for day in days)


def _day(day: date, row: Record) -> Day:
    return Day(
        day, row["active_learners"], row["time_spent"], row["lessons_completed"], row.get("suppressed", False)
    )


def option(rows: tuple[Day, ...]) -> Option:
    """Learners as bars, hours as a line on an axis of their own."""
    learners = [
        chart.point(
            day.active_learners,
            say("tip.learners", day=day.day.isoformat(), count=count_of(day.active_learners)),
        )
        for day in rows
    ]
    hours = [chart.point(_in_hours(day), say("tip.time", time=span_of(day.time_spent))) for day in rows]
    return chart.frame(
        trigger="axis",
        legend=True,
        xAxis=chart.categories([day.day.isoformat()[5:] for day in rows]),
        yAxis=[chart.values(minInterval=1), chart.values("h", splitLine={"show": False})],
        series=[
            chart.bars(say("column.active_learners"), learners, chart.ACCENT),
            chart.line(say("column.time_spent"), hours, chart.SECOND, yAxisIndex=1),
        ],
    )


def _in_hours(day: Day) -> float | None:
    return None if day.time_spent is None else round(day.time_spent / 3600, 2)


CARD = Card(
    slug="course_daily",
    scope=Scope.COURSE,
    metrics=("course_daily",),
    data=data,
    option=option,
    columns=(
        Column("day", Kind.DATE),
        Column("active_learners", Kind.COUNT),
        Column("time_spent", Kind.SECONDS),
        Column("lessons_completed", Kind.COUNT),
    ),
    span=6,
)
