"""The risk matrix: engagement against performance, with the reasons behind every point."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import percent, show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.reasons import read_reasons, reason_words
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.scatter import Mark, Scatter

#: Buckets from worst to best, with the colour and the form of their points: never the colour alone.
BUCKETS = (
    Mark("struggling", chart.BAD, "triangle"),
    Mark("on_track", chart.ACCENT, "circle"),
    Mark("excelling", chart.SECOND, "diamond"),
    Mark("not_enough_information", chart.FAINT, "emptyCircle"),
    Mark("completed", chart.GOOD, "rect"),
    Mark("course_over", chart.MUTED, "emptyRect"),
)

#: Both parts of the chart begin and end at the same place, so that engagement can be read across them.
_SIDES = {"left": 96, "right": 24}


@dataclass(frozen=True)
class RiskMatrix(Scatter):
    """One point a student, between two measures from 0 to 100, with a cross through the middle.

    No engagement means not active in the last week, which the chart shows as 0. No score means that there is no
    result yet, which no height would say honestly: these have a row of their own below the others.
    """

    across: str = "engagement_score"
    up: str = "score_pct"
    group: str = "bucket"
    marks: tuple[Mark, ...] = BUCKETS

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Students by risk, the highest first."""
        rows = card.pick(reader.rows(card.source.slug))
        worded = [
            row | {"reasons": [reason_words(each) for each in read_reasons(row["reasons"])]} for row in rows
        ]
        return sorted(worded, key=lambda row: (-row["risk_score"], row["name"]))

    def option(self, card: Card, rows: Rows) -> Option:
        """The matrix; each quadrant says what it means. Below it who has no score yet."""
        used = self.used(rows)
        others = [row for row in rows if row[self.up] is None]
        series = self.series(card, [row for row in rows if row[self.up] is not None], used)
        series[0] |= _quadrants()
        if not others:
            return self.square(card, series)
        below = [each | {"xAxisIndex": 1, "yAxisIndex": 1} for each in self.series(card, others, used)]
        return self.square(card, series + below) | self._two_grids(card)

    def _two_grids(self, card: Card) -> Option:
        below = chart.categories([say("column.no_score")], axisLine={"show": False})
        above = self.axis_across(card, name="", axisLabel={"show": False})
        return {
            "grid": [
                _SIDES | {"top": 36, "bottom": 96},
                _SIDES | {"height": 32, "bottom": 48, "show": True, "borderColor": chart.LINE},
            ],
            "xAxis": [above, self.axis_across(card, gridIndex=1)],
            "yAxis": [self.axis_up(card), below | {"gridIndex": 1}],
        }

    def tip(self, card: Card, row: Record) -> str:
        """The measures, where the student stands, and why."""
        score = say("tip.no_score") if row[self.up] is None else percent(row[self.up])
        head = say(
            "tip.risk",
            name=row["name"],
            engagement=round(row[self.across] or 0),
            score=score,
            bucket=show(row["bucket"], card.unit("bucket")),
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
