"""What arrives: events of each type."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, count_of
from coursepulse.dashboards.text import say

#: Bars that have room.
_MOST = 10


class TypeCount(NamedTuple):
    """How many events of one type the period has."""

    event_type: str
    events: int | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[TypeCount, ...]:
    """Types by how often they occur, the commonest first."""
    rows = [
        TypeCount(row["event_type"], row["events"], row.get("suppressed", False))
        for row in ask.records("events_by_type")
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.events or 0), row.event_type)))


def _drawable(rows: tuple[TypeCount, ...]) -> list[TypeCount]:
    return [row for row in rows if row.events is not None]


def option(rows: tuple[TypeCount, ...]) -> Option:
    """Lying bars, the ten commonest, the longest on top."""
    top = _drawable(rows)[:_MOST][::-1]
    data = [
        chart.point(row.events, say("tip.events", type=row.event_type, count=count_of(row.events)))
        for row in top
    ]
    return chart.frame(
        xAxis=chart.values(splitNumber=3),
        yAxis=chart.categories([row.event_type for row in top], axisLine={"show": False}),
        series=[chart.bars(say("column.events"), data, chart.ACCENT)],
    )


CARD = Card(
    slug="platform_events",
    scope=Scope.PLATFORM,
    metrics=("events_by_type",),
    data=data,
    option=option,
    drawable=_drawable,
    most=_MOST,
    columns=(Column("event_type"), Column("events", Kind.COUNT)),
    span=4,
)
