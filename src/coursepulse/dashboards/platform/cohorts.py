"""Who comes back: learners by the week of their first enrolment."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, count_of, percent
from coursepulse.dashboards.text import say


class Return(NamedTuple):
    """How much of a cohort learned something in its n-th week."""

    cohort: date
    period: int
    learners: int | None
    returned: int | None
    returned_pct: float | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[Return, ...]:
    """One row per cohort and week since."""
    return tuple(
        Return(
            row["cohort"],
            row["period"],
            row["learners"],
            row["returned"],
            row["returned_pct"],
            row.get("suppressed", False),
        )
        for row in ask.records("retention")
    )


def option(rows: tuple[Return, ...]) -> Option:
    """A triangle of cells: cohorts downwards, weeks to the right."""
    cohorts = sorted({row.cohort for row in rows}, reverse=True)
    weeks = sorted({row.period for row in rows})
    cells = [
        chart.point(
            [weeks.index(row.period), cohorts.index(row.cohort), round(row.returned_pct, 1)], _tip(row)
        )
        for row in rows
        if row.returned_pct is not None
    ]
    return chart.frame(
        xAxis=chart.categories([say("axis.week", week=week) for week in weeks]),
        yAxis=chart.categories([cohort.isoformat() for cohort in cohorts]),
        visualMap=chart.heat(0, 100),
        series=[chart.cells(say("column.returned_pct"), cells)],
    )


def _tip(row: Return) -> str:
    return say(
        "tip.cohort",
        cohort=row.cohort.isoformat(),
        week=row.period,
        share=percent(row.returned_pct or 0.0),
        returned=count_of(row.returned),
        learners=count_of(row.learners),
    )


CARD = Card(
    slug="platform_cohorts",
    scope=Scope.PLATFORM,
    metrics=("retention",),
    data=data,
    option=option,
    columns=(
        Column("cohort", Kind.DATE),
        Column("period", Kind.COUNT),
        Column("learners", Kind.COUNT),
        Column("returned", Kind.COUNT),
        Column("returned_pct", Kind.PERCENT),
    ),
    span=8,
)
