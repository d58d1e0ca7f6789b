"""Values along time: days of a period, or seconds of a video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.extremes import SO_FAR, find_extremes, find_step
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.words import label, plain_tip, ticks, tip, written
from coursepulse.metrics.metric import Column, Unit

_COLORS = (chart.ACCENT, chart.SECOND, chart.THIRD)

Draw: TypeAlias = Callable[..., Option]


class Series(NamedTuple):
    """One column along the axis.

    :param draw: :func:`chart.bars`, :func:`chart.line` or :func:`chart.area`
    :param color: another than its place in the list gives it
    :param tip: the sentence that pointing at it says; none when that of another series speaks for both
    """

    column: str
    draw: Draw = chart.bars
    color: str = ""
    tip: str = ""


@dataclass(frozen=True)
class TimeSeries(View):
    """Series over a shared axis of time; each unit has an axis of values of its own.

    :param along: the column of the axis; of days, also those without anything; today is marked as not over
    :param zoomed: a strip below narrows what is shown
    """

    along: str
    series: tuple[Series, ...]
    zoomed: bool = False

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Every day of the period, or the rows as they are."""
        metric = card.source.slug
        if self.along != "day":
            return card.pick(reader.rows(metric))
        rows = card.pick(reader.every_day(metric))
        return [row | ({SO_FAR: True} if row["day"] == reader.period.today else {}) for row in rows]

    def option(self, card: Card, rows: Rows) -> Option:
        """Every series on the axis of its unit."""
        units = list(dict.fromkeys(card.unit(each.column) for each in self.series))
        axes = [_axis(unit, first=unit is units[0]) for unit in units]
        return chart.frame(
            trigger="axis",
            legend=True,
            xAxis=self._axis_along(card, rows),
            yAxis=axes if len(axes) > 1 else axes[0],
            **(_zoom() if self.zoomed else {}),
            series=[drawn for each in self.series for drawn in self._draw(each, card, rows, units)],
        )

    def _axis_along(self, card: Card, rows: Rows) -> Option:
        places, unit = [row[self.along] for row in rows], card.unit(self.along)
        if unit is Unit.POSITION:
            return chart.positions(places)
        names = ticks(places, unit)
        if rows and rows[-1].get(SO_FAR):
            names[-1] = say("axis.today")
        # Where the axis ends is what people look for first.
        return chart.categories(names, axisLabel={"showMaxLabel": True})

    def summary(self, card: Card, rows: Rows) -> str:
        """Of the first series: when it is at its highest and lowest; along a video, where it falls."""
        column = card.column(self.series[0].column)
        if card.unit(self.along) is Unit.POSITION:
            return self._fall(card, column, rows)
        found = find_extremes(rows, column.name)
        if found is None:
            return super().summary(card, rows)
        return say(
            "chart.says.days",
            label=label(column),
            most_at=show(found.most[self.along], card.unit(self.along)),
            most=written(found.most[column.name], column.unit),
            least_at=show(found.least[self.along], card.unit(self.along)),
            least=written(found.least[column.name], column.unit),
        )

    def _fall(self, card: Card, column: Column, rows: Rows) -> str:
        known = [row for row in rows if row[column.name] is not None]
        if not known:
            return super().summary(card, rows)
        step = find_step(known, column.name)
        ends = {
            name: written(row[column.name], column.unit)
            for name, row in (("first", known[0]), ("last", known[-1]))
        }
        if step is None:
            return say("chart.says.level", label=label(column), **ends)
        at, drop = show(step.after[self.along], card.unit(self.along)), written(step.drop, column.unit)
        return say("chart.says.fall", label=label(column), at=at, drop=drop, **ends)

    def _draw(self, series: Series, card: Card, rows: Rows, units: list[Unit]) -> list[Option]:
        """The series; of a line whose last day is not over, that day apart."""
        unit = card.unit(series.column)
        points = [self._mark(series, card, row, _scaled(row[series.column], unit)) for row in rows]
        place = units.index(unit)
        more = {"yAxisIndex": place} if place else {}
        drawn = series.draw(label(card.column(series.column)), points, self._color(series), **more)
        unfinished = len(rows) > 1 and rows[-1].get(SO_FAR) and drawn["type"] == "line"
        return _dash_end(drawn) if unfinished else [drawn]

    def _color(self, series: Series) -> str:
        return series.color or _COLORS[self.series.index(series) % len(_COLORS)]

    def _mark(self, series: Series, card: Card, row: Record, value: float | None) -> Option:
        """The point; on an axis of positions with its place, and marked where its day is not over."""
        place = [row[self.along], value] if card.unit(self.along) is Unit.POSITION else value
        point = self._point(series, card, row, place)
        if not row.get(SO_FAR):
            return point
        if "tip" in point:
            point["tip"] += f"\n{say('tip.so_far')}"
        return point | {"itemStyle": chart.SO_FAR}

    def _point(self, series: Series, card: Card, row: Record, value: Any) -> Option:
        if series.tip:
            return chart.point(value, tip(series.tip, row, card.columns))
        if any(each.tip for each in self.series):
            return {"value": value}
        head = show(row[self.along], card.unit(self.along))
        return chart.point(value, plain_tip(head, card.column(series.column), row[series.column]))


def _dash_end(drawn: Option) -> list[Option]:
    """A line up to the last day that is over, and a dashed one from there: the day so far is no plunge."""
    points = drawn["data"]
    before = [{"value": None}] * (len(points) - 2)
    tail = {name: value for name, value in drawn.items() if name != "areaStyle"}
    return [
        drawn | {"data": [*points[:-1], {"value": None}]},
        tail
        | {"data": [*before, {"value": points[-2]["value"]}, points[-1]], "showSymbol": True, "symbolSize": 5}
        | {"lineStyle": drawn["lineStyle"] | {"type": "dashed", "opacity": 0.6}},
    ]


def _scaled(value: float | None, unit: Unit) -> float | None:
    if value is None:
        return None
    return round(value / 3600, 2) if unit is Unit.SECONDS else value


def _axis(unit: Unit, *, first: bool) -> Option:
    more: dict[str, Any] = {} if first else {"splitLine": {"show": False}}
    if unit is Unit.SECONDS:
        return chart.values(say("unit.h", n="{value}"), **more)
    if unit is Unit.PERCENT:
        return chart.percents(**more)
    return chart.values(minInterval=1, **more)


def _zoom() -> Option:
    grid = {"left": 4, "right": 16, "top": 36, "bottom": 40} | chart.KEEP_LABELS
    return {"grid": grid, "dataZoom": [chart.zoom()]}
