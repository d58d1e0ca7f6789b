"""How engaged a class is, week by week: low, usual and high against its own measure."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind
from coursepulse.dashboards.text import plural, say


class Week(NamedTuple):
    """Active learners of one ISO week by band."""

    week: date
    low: int
    normal: int
    high: int


def data(ask: Ask) -> tuple[Week, ...]:
    """Weeks in order."""
    found = Counter((row["week"], row["band"]) for row in ask.records("course_engagement"))
    weeks = sorted({week for week, _ in found})
    return tuple(Week(week, *(found[week, band] for band in ("low", "normal", "high"))) for week in weeks)


def option(rows: tuple[Week, ...]) -> Option:
    """Stacked bars, one per week."""
    bands = (("high", chart.SECOND), ("normal", chart.ACCENT), ("low", chart.THIRD))
    return chart.frame(
        trigger="axis",
        legend=True,
        xAxis=chart.categories([row.week.isoformat()[5:] for row in rows]),
        yAxis=chart.values(minInterval=1),
        series=[
            chart.bars(say(f"column.{band}"), [_bar(row, band) for row in rows], color, stack="band")
            for band, color in bands
        ],
    )


def _bar(row: Week, band: str) -> Option:
    learners = getattr(row, band)
    who = plural("unit.learners", learners)
    return chart.point(
        learners, say("tip.band", week=row.week.isoformat(), band=say(f"column.{band}"), who=who)
    )


CARD = Card(
    slug="course_engagement",
    scope=Scope.COURSE,
    metrics=("course_engagement",),
    data=data,
    option=option,
    columns=(
        Column("week", Kind.DATE),
        Column("low", Kind.COUNT),
        Column("normal", Kind.COUNT),
        Column("high", Kind.COUNT),
    ),
    span=5,
    shape="is-tall",
)
