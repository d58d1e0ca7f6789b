"""Learners and learning time, day by day."""

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
    """One UTC day of the whole platform; ``time_spent`` in seconds."""

    day: date
    active_learners: int | None
    time_spent: float | None
    events: int | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[Day, ...]:
    """Every day of the period, also those on which nothing happened; nothing when nothing ever did."""
    days, found, absent = ask.daily("platform_daily")
    return tuple(_day(day, found.get(day, absent)) for day in days)


def _day(day: date, row: Record) -> Day:
    return Day(day, row["active_learners"], row["time_spent"], row["events"], row.get("suppressed", False))


def option(rows: tuple[Day, ...]) -> Option:
    """Learners as bars, hours as a line on an axis of their own."""
    learners = [chart.point(day.active_learners, _learners(day)) for day in rows]
    hours = [chart.point(_in_hours(day), _hours(day)) for day in rows]
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


def _learners(day: Day) -> str:
    return say("tip.learners", day=day.day.isoformat(), count=count_of(day.active_learners))


def _hours(day: Day) -> str:
    return say("tip.time", time=span_of(day.time_spent))


def _in_hours(day: Day) -> float | None:
    return None if day.time_spent is None else round(day.time_spent / 3600, 2)


CARD = Card(
    slug="platform_daily",
    scope=Scope.PLATFORM,
    metrics=("platform_daily",),
    data=data,
    option=option,
    columns=(
        Column("day", Kind.DATE),
        Column("active_learners", Kind.COUNT),
        Column("time_spent", Kind.SECONDS),
        Column("events", Kind.COUNT),
    ),
    span=8,
)
