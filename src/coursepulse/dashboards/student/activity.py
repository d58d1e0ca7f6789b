"""When a student learns: weekday by hour, on the student's own clock."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind
from coursepulse.dashboards.text import plural, say


class Hour(NamedTuple):
    """One hour of the week. ``weekday`` 0 is Monday; ``quarters`` are quarter-hours with learning."""

    weekday: int
    hour: int
    quarters: int


def data(ask: Ask) -> tuple[Hour, ...]:
    """The hours that saw learning."""
    return tuple(
        Hour(row["weekday"], row["hour"], row["quarters"]) for row in ask.records("student_activity")
    )


def option(rows: tuple[Hour, ...]) -> Option:
    """Seven rows of 24 cells, Monday on top."""
    found = {(row.weekday, row.hour): row.quarters for row in rows}
    cells = [
        chart.point([hour, 6 - weekday, found.get((weekday, hour), 0)], _tip(weekday, hour, found))
        for weekday in range(7)
        for hour in range(24)
    ]
    return chart.frame(
        xAxis=chart.categories([f"{hour}:00" for hour in range(24)]),
        yAxis=chart.categories([weekday_name(6 - place) for place in range(7)], axisLine={"show": False}),
        visualMap=chart.heat(0, max(found.values(), default=0)),
        series=[chart.cells(say("column.quarters"), cells)],
    )


def weekday_name(weekday: int) -> str:
    """The short name of a weekday, 0 is Monday."""
    return say(f"weekday.{weekday}")


def _tip(weekday: int, hour: int, found: dict[tuple[int, int], int]) -> str:
    spent = plural("unit.quarters", found.get((weekday, hour), 0))
    return say("tip.hour", weekday=weekday_name(weekday), start=hour, end=hour + 1, spent=spent)


CARD = Card(
    slug="student_activity",
    scope=Scope.STUDENT,
    metrics=("student_activity",),
    data=data,
    option=option,
    columns=(Column("weekday", Kind.WEEKDAY), Column("hour", Kind.HOUR), Column("quarters", Kind.COUNT)),
    span=7,
)
