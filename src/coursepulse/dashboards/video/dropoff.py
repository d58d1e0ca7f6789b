"""Where viewers leave a video and what they watch again, in steps of five seconds."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, count_of, percent, position
from coursepulse.dashboards.text import say


class Bucket(NamedTuple):
    """Five seconds of a video from ``second``; ``remaining_pct`` of those who saw the first five."""

    second: int
    viewers: int | None
    rewatchers: int | None
    remaining_pct: float | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[Bucket, ...]:
    """The video from start to end."""
    return tuple(_bucket(row) for row in ask.records("video_dropoff"))


def _bucket(row: Record) -> Bucket:
    return Bucket(
        row["second"], row["viewers"], row["rewatchers"], row["remaining_pct"], row.get("suppressed", False)
    )


def option(rows: tuple[Bucket, ...]) -> Option:
    """Viewers as an area, those who watched again as a line below; drag below the chart to look closer."""
    viewers = [chart.point(row.viewers, _tip(row)) for row in rows]
    again = [{"value": row.rewatchers} for row in rows]
    return chart.frame(
        trigger="axis",
        legend=True,
        grid={"left": 4, "right": 16, "top": 36, "bottom": 40} | chart.KEEP_LABELS,
        xAxis=chart.categories([position(row.second) for row in rows], boundaryGap=False),
        yAxis=chart.values(minInterval=1),
        dataZoom=[chart.zoom()],
        series=[
            chart.area(say("column.viewers"), viewers, chart.ACCENT),
            chart.area(say("column.rewatchers"), again, chart.THIRD),
        ],
    )


def _tip(row: Bucket) -> str:
    return say(
        "tip.second",
        at=position(row.second),
        viewers=count_of(row.viewers),
        again=count_of(row.rewatchers),
        remaining=percent(row.remaining_pct or 0.0),
    )


CARD = Card(
    slug="video_dropoff",
    scope=Scope.VIDEO,
    metrics=("video_dropoff",),
    data=data,
    option=option,
    columns=(
        Column("second", Kind.POSITION),
        Column("viewers", Kind.COUNT),
        Column("rewatchers", Kind.COUNT),
        Column("remaining_pct", Kind.PERCENT),
    ),
    span=12,
    shape="is-tall",
)
