"""A course day by day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from coursepulse.web.cards import chart
from coursepulse.web.cards.ask import Ask, Record
from coursepulse.web.cards.card import Card, Column, Scope
from coursepulse.web.cards.chart import Option
from coursepulse.web.cards.format import Kind, count, span
from coursepulse.web.text import say


class Day(NamedTuple):
    """One UTC day of a course; ``time_spent`` in seconds."""

    day: date
    active_learners: int
    time_spent: float
    lessons_completed: int


def data(ask: Ask) -> tuple[Day, ...]:
    """Every day of the period, also those on which nothing happened; nothing when nothing ever did."""
    found = {row["day"]: row for row in ask.records("course_daily")}
    return tuple(_day(day, found.get(day, {})) for day in ask.period.each() if found)


def _day(day: date, row: Record) -> Day:
    return Day(
        day, row.get("active_learners", 0), row.get("time_spent", 0.0), row.get("lessons_completed", 0)
    )


def option(rows: tuple[Day, ...]) -> Option:
    """Learners as bars, hours as a line on an axis of their own."""
    learners = [
        chart.point(
            day.active_learners,
            say("tip.learners", day=day.day.isoformat(), count=count(day.active_learners)),
        )
        for day in rows
    ]
    hours = [
        chart.point(round(day.time_spent / 3600, 2), say("tip.time", time=span(day.time_spent)))
        for day in rows
    ]
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
