"""How much of each video a student has really seen."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, percent, span
from coursepulse.dashboards.text import say

#: Bars that have room.
_MOST = 14


class Watched(NamedTuple):
    """One video; ``covered`` in seconds of the video."""

    course_id: str
    video_id: str
    title: str
    watched_pct: float | None
    rewatch_pct: float
    covered: float


def data(ask: Ask) -> tuple[Watched, ...]:
    """Videos in course order."""
    return tuple(_watched(row) for row in ask.records("student_videos"))


def _watched(row: Record) -> Watched:
    return Watched(
        row["course_id"],
        row["video_id"],
        row["title"] or row["video_id"],
        row["watched_pct"],
        row["rewatch_pct"] or 0.0,
        row["covered"],
    )


def _drawable(rows: tuple[Watched, ...]) -> list[Watched]:
    return [row for row in rows if row.watched_pct is not None]


def option(rows: tuple[Watched, ...]) -> Option:
    """Lying bars of what was watched, the latest fourteen."""
    shown = _drawable(rows)[-_MOST:][::-1]
    return chart.frame(
        xAxis=chart.percents(),
        yAxis=chart.categories([row.title for row in shown], axisLine={"show": False}, axisLabel=chart.CUT),
        series=[
            chart.bars(
                say("column.watched_pct"),
                [chart.point(round(row.watched_pct or 0, 1), _tip(row)) for row in shown],
                chart.ACCENT,
                showBackground=True,
                backgroundStyle={"color": chart.RAISED, "borderRadius": 2},
            )
        ],
    )


def _tip(row: Watched) -> str:
    return say(
        "tip.video",
        title=row.title,
        watched=percent(row.watched_pct or 0.0),
        covered=span(row.covered),
        rewatch=percent(row.rewatch_pct),
    )


CARD = Card(
    slug="student_videos",
    scope=Scope.STUDENT,
    metrics=("student_videos",),
    data=data,
    option=option,
    drawable=_drawable,
    most=_MOST,
    columns=(
        Column("course_id", hidden=True),
        Column("video_id", hidden=True),
        Column("title"),
        Column("watched_pct", Kind.PERCENT),
        Column("rewatch_pct", Kind.PERCENT),
        Column("covered", Kind.SECONDS),
    ),
    span=6,
)
