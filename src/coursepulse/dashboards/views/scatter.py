"""Points between two measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.extremes import find_extremes
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.words import label, plain_tip, written
from coursepulse.metrics.metric import Column, Unit


class Mark(NamedTuple):
    """How the points of one group look: never by the colour alone."""

    value: str
    color: str
    symbol: str


@dataclass(frozen=True)
class Scatter(View):
    """One point a row. A measure that is missing counts as 0.

    :param across: the column from left to right
    :param up: the column from the bottom to the top
    :param group: the column that the look of a point depends on
    :param marks: the looks, in the order of the legend
    """

    across: str
    up: str
    group: str = ""
    marks: tuple[Mark, ...] = (Mark("", chart.ACCENT, "circle"),)

    def option(self, card: Card, rows: Rows) -> Option:
        """Every point in one square."""
        return self.square(card, self.series(card, rows, self.used(rows)))

    def summary(self, card: Card, rows: Rows) -> str:
        """Who is highest."""
        found, column = find_extremes(rows, self.up), card.column(self.up)
        if found is None:
            return super().summary(card, rows)
        most = written(found.most[self.up], column.unit)
        return say("chart.says.points", label=label(column), top=_name(found.most), most=most)

    def square(self, card: Card, series: list[Option]) -> Option:
        """The axes around the points."""
        # The legend shows the forms of the points, not their colours alone.
        legend = {"legend": {"top": 0, "left": 0, "itemWidth": 12, "itemHeight": 10}} if self.group else {}
        framed = chart.frame(
            series=series,
            grid={"left": 4, "right": 16, "top": 36, "bottom": 4} | chart.KEEP_LABELS,
            xAxis=self.axis_across(card),
            yAxis=self.axis_up(card),
        )
        return framed | legend

    def used(self, rows: Rows) -> Sequence[Mark]:
        """The looks that some row has."""
        found = {row[self.group] for row in rows} if self.group else set()
        return [mark for mark in self.marks if mark.value in found] or self.marks[:1]

    def series(self, card: Card, rows: Rows, marks: Sequence[Mark]) -> list[Option]:
        """The points of each group."""
        return [self._points(card, mark, [row for row in rows if self._has(row, mark)]) for mark in marks]

    def _has(self, row: Record, mark: Mark) -> bool:
        return not self.group or row[self.group] == mark.value

    def _points(self, card: Card, mark: Mark, rows: Rows) -> Option:
        name = show(mark.value, card.unit(self.group)) if self.group else label(card.column(self.up))
        points = [chart.point(self.place(row), self.tip(card, row), **_link(card, row)) for row in rows]
        return chart.scatter(name, points, mark.color, mark.symbol)

    def place(self, row: Record) -> list[float]:
        """Where the point of a row stands."""
        return [row[self.across] or 0, row[self.up] or 0]

    def tip(self, card: Card, row: Record) -> str:
        """What pointing at one says."""
        head = plain_tip(str(_name(row)), card.column(self.across), row[self.across])
        return plain_tip(head, card.column(self.up), row[self.up])

    def axis_across(self, card: Card, **more: Any) -> Option:
        """The axis at the bottom."""
        return _axis(card.column(self.across), **{"nameLocation": "middle", "nameGap": 26} | more)

    def axis_up(self, card: Card) -> Option:
        """The axis on the left."""
        return _axis(card.column(self.up), nameLocation="middle", nameGap=44)


def _axis(column: Column, **more: Any) -> Option:
    named = {"name": label(column)} | more
    if column.unit is Unit.PERCENT:
        return chart.percents(**named)
    return chart.scores(**named) if column.unit is Unit.SCORE else chart.values(**named)


def _name(row: Record) -> object:
    return row.get("name") or row.get("title") or ""


def _link(card: Card, row: Record) -> Option:
    href = card.link(row, "name") or card.link(row, "title")
    return {"href": href} if href else {}
