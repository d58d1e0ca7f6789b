"""A student's results: the best score of every quiz and assignment."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, percent
from coursepulse.dashboards.text import plural, say

#: Bars that have room.
_MOST = 14


class Result(NamedTuple):
    """One assessment; scores in per cent, ``passed`` None while nothing was handed in."""

    course_id: str
    assessment_id: str
    title: str
    kind: str
    attempts: int
    score_pct: float | None
    pass_mark: float | None
    passed: bool | None


def data(ask: Ask) -> tuple[Result, ...]:
    """Assessments in the order of the metric: by course and place."""
    return tuple(_result(row) for row in ask.records("student_assessments"))


def _result(row: Record) -> Result:
    return Result(
        row["course_id"],
        row["assessment_id"],
        row["title"] or row["assessment_id"],
        row["kind"],
        row["attempts"],
        row["score_pct"],
        row["pass_mark"],
        row["passed"],
    )


def _drawable(rows: tuple[Result, ...]) -> list[Result]:
    return [row for row in rows if row.score_pct is not None]


def option(rows: tuple[Result, ...]) -> Option | None:
    """Lying bars; a tick marks what it takes to pass. None while nothing has a score."""
    shown = _drawable(rows)[-_MOST:][::-1]
    if not shown:
        return None
    return chart.frame(
        legend=True,
        xAxis=chart.percents(),
        yAxis=chart.categories([row.title for row in shown], axisLine={"show": False}, axisLabel=chart.CUT),
        series=[
            chart.bars(say("column.score_pct"), [_bar(row) for row in shown], chart.ACCENT),
            chart.marks(
                say("column.pass_mark"), [[row.pass_mark, n] for n, row in enumerate(shown) if row.pass_mark]
            ),
        ],
    )


def _bar(row: Result) -> Option:
    score = row.score_pct or 0.0
    tip = say(
        "tip.score", title=row.title, score=percent(score), attempts=plural("unit.attempts", row.attempts)
    )
    if row.passed is False:
        tip = f"{tip}\n{say('tip.not_passed')}"
    color = chart.ACCENT if row.passed is not False else chart.WARN
    return chart.point(round(score, 1), tip, itemStyle={"color": color})


CARD = Card(
    slug="student_assessments",
    scope=Scope.STUDENT,
    metrics=("student_assessments",),
    data=data,
    option=option,
    drawable=_drawable,
    most=_MOST,
    columns=(
        Column("course_id", hidden=True),
        Column("assessment_id", hidden=True),
        Column("title"),
        Column("kind"),
        Column("attempts", Kind.COUNT),
        Column("score_pct", Kind.PERCENT),
        Column("pass_mark", Kind.PERCENT),
        Column("passed", Kind.TRUTH),
    ),
    span=6,
)
