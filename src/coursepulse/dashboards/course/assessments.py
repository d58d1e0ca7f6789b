"""How results are spread: how many learners scored in each tenth, assessment by assessment."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, percent
from coursepulse.dashboards.text import plural, say

#: Lines that have room.
_MOST = 16


class Spread(NamedTuple):
    """One assessment. ``bins`` counts best scores of 0-10 %, 10-20 % … 90-100 %."""

    assessment_id: str
    title: str
    kind: str
    learners: int | None
    score_pct: float | None
    passed_pct: float | None
    bins: tuple[int, ...]
    suppressed: bool = False


def data(ask: Ask) -> tuple[Spread, ...]:
    """Assessments in course order."""
    return tuple(_spread(row) for row in ask.records("course_assessments"))


def _spread(row: Record) -> Spread:
    return Spread(
        row["assessment_id"],
        row["title"] or row["assessment_id"],
        row["kind"],
        row["learners"],
        row["score_pct"],
        row["passed_pct"],
        tuple(row["bins"] or ()),
        row.get("suppressed", False),
    )


def _drawable(rows: tuple[Spread, ...]) -> list[Spread]:
    return [row for row in rows if row.learners]


def option(rows: tuple[Spread, ...]) -> Option:
    """One line of ten cells per assessment: the stronger the colour, the more of its learners."""
    shown = _drawable(rows)[:_MOST][::-1]
    cells = [
        chart.point([tenth, place, round(_share(row, learners), 1)], _tip(row, tenth, learners))
        for place, row in enumerate(shown)
        for tenth, learners in enumerate(row.bins)
    ]
    top = max((cell["value"][2] for cell in cells), default=0)
    return chart.frame(
        xAxis=chart.categories([f"{10 * n}–{10 * n + 10} %" for n in range(10)]),
        yAxis=chart.categories([row.title for row in shown], axisLine={"show": False}, axisLabel=chart.CUT),
        visualMap=chart.heat(0, top),
        series=[chart.cells(say("column.learners"), cells)],
    )


def _tip(row: Spread, tenth: int, learners: int) -> str:
    share = percent(_share(row, learners))
    who = plural("unit.learners", learners)
    return say("tip.spread", title=row.title, low=10 * tenth, high=10 * tenth + 10, who=who, share=share)


def _share(row: Spread, learners: int) -> float:
    return 100 * learners / row.learners if row.learners else 0.0


CARD = Card(
    slug="course_assessments",
    scope=Scope.COURSE,
    metrics=("course_assessments",),
    data=data,
    option=option,
    drawable=_drawable,
    most=_MOST,
    columns=(
        Column("assessment_id", hidden=True),
        Column("title"),
        Column("kind"),
        Column("learners", Kind.COUNT),
        Column("score_pct", Kind.PERCENT),
        Column("passed_pct", Kind.PERCENT),
        Column("bins", Kind.LIST, hidden=True),
    ),
    span=12,
)
