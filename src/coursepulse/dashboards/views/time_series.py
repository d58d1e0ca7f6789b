"""Values along time: days of a period, or seconds of a video."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.words import label, plain_tip, tick, tip
from coursepulse.metrics.metric import Unit

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

    :param along: the column of the axis; of days, those without anything are there, too
    :param zoomed: a strip below narrows what is shown
    """

    along: str
    series: tuple[Series, ...]
    zoomed: bool = False

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Every day of the period, or the rows as they are."""
        metric = card.source.slug
        return card.pick(reader.every_day(metric) if self.along == "day" else reader.rows(metric))

    def option(self, card: Card, rows: Rows) -> Option:
        """Every series on the axis of its unit."""
        units = list(dict.fromkeys(card.unit(each.column) for each in self.series))
        axes = [_axis(unit, first=unit is units[0]) for unit in units]
        ticks = [tick(row[self.along], card.unit(self.along)) for row in rows]
        return chart.frame(
            trigger="axis",
            legend=True,
            xAxis=chart.categories(ticks, **({"boundaryGap": False} if self.zoomed else {})),
            yAxis=axes if len(axes) > 1 else axes[0],
            **(_zoom() if self.zoomed else {}),
            series=[self._draw(each, card, rows, units) for each in self.series],
        )

    def _draw(self, series: Series, card: Card, rows: Rows, units: list[Unit]) -> Option:
        unit = card.unit(series.column)
        points = [self._point(series, card, row, _scaled(row[series.column], unit)) for row in rows]
        place = units.index(unit)
        more = {"yAxisIndex": place} if place else {}
        return series.draw(label(card.column(series.column)), points, self._color(series), **more)

    def _color(self, series: Series) -> str:
        return series.color or _COLORS[self.series.index(series) % len(_COLORS)]

    def _point(self, series: Series, card: Card, row: Record, value: float | None) -> Option:
        if series.tip:
            return chart.point(value, tip(series.tip, row, card.columns))
        if any(each.tip for each in self.series):
            return {"value": value}
        head = tick(row[self.along], card.unit(self.along))
        return chart.point(value, plain_tip(head, card.column(series.column), row[series.column]))


def _scaled(value: float | None, unit: Unit) -> float | None:
    if value is None:
        return None
    return round(value / 3600, 2) if unit is Unit.SECONDS else value


def _axis(unit: Unit, *, first: bool) -> Option:
    more: dict[str, Any] = {} if first else {"splitLine": {"show": False}}
    if unit is Unit.SECONDS:
        return chart.values("h", **more)
    if unit is Unit.PERCENT:
        return chart.percents(**more)
    return chart.values(minInterval=1, **more)


def _zoom() -> Option:
    grid = {"left": 4, "right": 16, "top": 36, "bottom": 40} | chart.KEEP_LABELS
    return {"grid": grid, "dataZoom": [chart.zoom()]}
