"""The risk matrix: engagement against performance, with the reasons behind every point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import percent
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.reasons import read_reasons, reason_words
from coursepulse.dashboards.text import say

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


@dataclass(frozen=True, kw_only=True)
class RiskMatrix(View):
    """One point a student, between two measures from 0 to 100.

    No engagement means not active in the last week, which the chart shows as 0. No score means that there is no
    result yet, which no height would say honestly: these have a row of their own below the others.
    """

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Students by risk, the highest first."""
        rows = card.pick(reader.rows(card.source.slug))
        told = [
            row | {"reasons": [reason_words(each) for each in read_reasons(row["reasons"])]} for row in rows
        ]
        return sorted(told, key=lambda row: (-row["risk_score"], row["name"]))

    def option(self, card: Card, rows: Rows) -> Option:  # noqa: ARG002
        """A scatter with a cross through the middle; each quadrant says what it means."""
        return _draw(rows)


def _draw(rows: Rows) -> Option:
    """Below the matrix stands who has no score yet."""
    used = [bucket for bucket in BUCKETS if any(row["bucket"] == bucket[0] for row in rows)] or BUCKETS[:1]
    scored, others = (
        [row for row in rows if (row["score_pct"] is None) is missing] for missing in (False, True)
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


def _series(bucket: str, color: str, symbol: str, rows: Rows) -> Option:
    points = [
        chart.point([row["engagement_score"] or 0, row["score_pct"] or 0], _tip(row), href=_link(row))
        for row in rows
        if row["bucket"] == bucket
    ]
    return chart.scatter(say(f"bucket.{bucket}"), points, color, symbol)


def _link(row: Record) -> str:
    return learner_link(row["course_id"], row["student_id"])


def _tip(row: Record) -> str:
    score = say("tip.no_score") if row["score_pct"] is None else percent(row["score_pct"])
    head = say(
        "tip.risk",
        name=row["name"],
        engagement=round(row["engagement_score"] or 0),
        score=score,
        bucket=say(f"bucket.{row['bucket']}"),
    )
    return "\n".join((head, *(f"· {reason}" for reason in row["reasons"])))


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
