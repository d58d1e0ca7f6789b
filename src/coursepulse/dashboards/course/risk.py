"""The risk matrix: engagement against performance, with the reasons behind every point."""

from __future__ import annotations

from typing import Any, NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind, percent
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.people import id_text, name_of
from coursepulse.dashboards.reasons import read_reasons, reason_words
from coursepulse.dashboards.text import say


class Placed(NamedTuple):
    """One student in the matrix; the two measures from 0 to 100.

    No engagement means not active in the last week, which the chart shows as 0. No score means that there is no
    result yet, which no height would say honestly: these have a row of their own below the others.
    """

    course_id: str
    student_id: str
    name: str
    bucket: str
    engagement_score: float | None
    score_pct: float | None
    risk_score: float
    reasons: tuple[str, ...]


#: Buckets from worst to best, with the colour and the form of their points: never the colour alone.
BUCKETS = (
    ("struggling", chart.BAD, "triangle"),
    ("on_track", chart.ACCENT, "circle"),
    ("excelling", chart.SECOND, "diamond"),
    ("not_enough_information", chart.FAINT, "emptyCircle"),
    ("completed", chart.GOOD, "rect"),
    ("course_over", chart.MUTED, "emptyRect"),
)

#: Both parts of the chart begin and end at the same place, so that engagement can be read across them.
_SIDES = {"left": 96, "right": 24}


def data(ask: Ask) -> tuple[Placed, ...]:
    """Students by risk, the highest first."""
    rows = [_placed(ask.subject.course, row) for row in ask.records("course_risk")]
    return tuple(sorted(rows, key=lambda row: (-row.risk_score, row.name)))


def _placed(course_id: str, row: Record) -> Placed:
    return Placed(
        course_id,
        id_text(row["student_id"]),
        name_of(row["student_id"], row.get("name")),
        row["bucket"],
        row["engagement_score"],
        row["score_pct"],
        row["risk_score"],
        tuple(reason_words(reason) for reason in read_reasons(row["reasons"])),
    )


def option(rows: tuple[Placed, ...]) -> Option:
    """A scatter with a cross through the middle; each quadrant says what it means. Below it who has no score yet."""
    used = [bucket for bucket in BUCKETS if any(row.bucket == bucket[0] for row in rows)] or BUCKETS[:1]
    scored, others = (
        [row for row in rows if (row.score_pct is None) is missing] for missing in (False, True)
    )
    series = [_series(*bucket, scored) for bucket in used]
    series[0] |= _quadrants()
    if others:
        series += [_series(*bucket, others) | {"xAxisIndex": 1, "yAxisIndex": 1} for bucket in used]
    return chart.frame(legend=True, series=series, **(_two_grids() if others else _one_grid()))


def _one_grid() -> Option:
    return {
        "grid": {"left": 4, "right": 16, "top": 36, "bottom": 4} | chart.KEEP_LABELS,
        "xAxis": _engagement(),
        "yAxis": _scores(),
    }


def _two_grids() -> Option:
    below = chart.categories([say("column.no_score")], axisLine={"show": False})
    return {
        "grid": [
            _SIDES | {"top": 36, "bottom": 96},
            _SIDES | {"height": 32, "bottom": 48, "show": True, "borderColor": chart.LINE},
        ],
        "xAxis": [_engagement("", axisLabel={"show": False}), _engagement(gridIndex=1)],
        "yAxis": [_scores(), below | {"gridIndex": 1}],
    }


def _engagement(name: str = say("column.engagement_score"), **more: Any) -> Option:
    return chart.scores(name, nameLocation="middle", nameGap=26, **more)


def _scores() -> Option:
    return chart.percents(name=say("column.score_pct"), nameLocation="middle", nameGap=44)


def _series(bucket: str, color: str, symbol: str, rows: list[Placed]) -> Option:
    points = [
        chart.point([row.engagement_score or 0, row.score_pct or 0], _tip(row), href=_link(row))
        for row in rows
        if row.bucket == bucket
    ]
    return chart.scatter(say(f"bucket.{bucket}"), points, color, symbol)


def _link(row: Placed) -> str:
    return learner_link(row.course_id, row.student_id)


def _tip(row: Placed) -> str:
    score = say("tip.no_score") if row.score_pct is None else percent(row.score_pct)
    head = say(
        "tip.risk",
        name=row.name,
        engagement=round(row.engagement_score or 0),
        score=score,
        bucket=say(f"bucket.{row.bucket}"),
    )
    return "\n".join((head, *(f"· {reason}" for reason in row.reasons)))


def _quadrants() -> Option:
    corners = {
        "high_low": ([0, 50], [50, 100]),
        "high_high": ([50, 50], [100, 100]),
        "low_low": ([0, 0], [50, 50]),
        "low_high": ([50, 0], [100, 50]),
    }
    # On a narrow screen two of these side by side would run into each other: the right ones stand lower.
    place = {0: "insideTop", 50: "insideBottom"}
    areas = [
        [
            {"name": say(f"quadrant.{name}"), "coord": low, "label": {"position": place[low[0]]}},
            {"coord": high},
        ]
        for name, (low, high) in corners.items()
    ]
    label = {"color": chart.MUTED, "fontSize": 11}
    area = {"silent": True, "itemStyle": {"color": "transparent"}, "label": label, "data": areas}
    cross = {
        "symbol": "none",
        "silent": True,
        "label": {"show": False},
        "lineStyle": {"color": chart.MUTED, "opacity": 0.6},
    }
    return {"markArea": area, "markLine": cross | {"data": [{"xAxis": 50}, {"yAxis": 50}]}}


CARD = Card(
    slug="course_risk",
    scope=Scope.COURSE,
    metrics=("course_risk", "course_engagement"),
    data=data,
    option=option,
    columns=(
        Column("course_id", hidden=True),
        Column("student_id", hidden=True),
        Column("name", link=_link),
        Column("bucket", Kind.BUCKET),
        Column("risk_score", Kind.NUMBER),
        Column("engagement_score", Kind.NUMBER),
        Column("score_pct", Kind.PERCENT),
        Column("reasons", Kind.LIST),
    ),
    span=7,
    shape="is-tall",
)
