"""Several measures of one thing, as a shape."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.extremes import find_extremes
from coursepulse.dashboards.reader import Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.words import label, written

#: With fewer there is no shape.
FEWEST = 3


@dataclass(frozen=True)
class Radar(View):
    """A corner for each row from 0 to 100, and beside it what is wanted where the rows say so.

    :param name: the column that names a corner
    :param value: what is reached
    :param wanted: what is wanted
    :param instead: what is drawn where too few rows have the value
    """

    name: str
    value: str
    wanted: str
    instead: str = ""

    def drawable(self, rows: Rows) -> Rows:
        """Those with a value, if they are enough for a shape."""
        name = self._drawn(rows)
        return [row for row in rows if row[name] is not None] if name else []

    def _drawn(self, rows: Rows) -> str:
        """The column that has enough values for a shape."""
        return next(
            (each for each in (self.value, self.instead) if each and _count(rows, each) >= FEWEST), ""
        )

    def option(self, card: Card, rows: Rows) -> Option | None:
        """Two shapes at the most."""
        shown = self.drawable(rows)[: self.most or None]
        if not shown:
            return None
        shapes = [self._shape(card, shown, self._drawn(rows), chart.ACCENT)]
        if all(row[self.wanted] is not None for row in shown):
            shapes.append(self._shape(card, shown, self.wanted, chart.SECOND))
        return chart.frame(
            legend=len(shapes) > 1,
            radar={
                "indicator": [{"name": row[self.name], "min": 0, "max": 100} for row in shown],
                "radius": "65%",
                "axisName": {"color": chart.INK},
                "splitArea": {"show": False},
                "splitLine": {"lineStyle": {"color": chart.LINE}},
                "axisLine": {"lineStyle": {"color": chart.LINE}},
            },
            series=[{"type": "radar", "data": shapes}],
        )

    def _shape(self, card: Card, rows: Rows, name: str, color: str) -> Option:
        column = card.column(name)
        lines = [f"{row[self.name]}: {written(row[name], column.unit)}" for row in rows]
        return {
            "name": label(column),
            "value": [round(row[name], 1) for row in rows],
            "tip": "\n".join([label(column), *lines]),
            "itemStyle": {"color": color},
            "lineStyle": {"color": color, "width": 2},
            "areaStyle": {"color": color, "opacity": 0.12},
        }

    def summary(self, card: Card, rows: Rows) -> str:
        """The strongest and the weakest."""
        name = self._drawn(rows)
        found = find_extremes(self.drawable(rows), name) if name else None
        if found is None:
            return super().summary(card, rows)
        column = card.column(name)
        return say(
            "chart.says.skills",
            most=found.most[self.name],
            most_value=written(found.most[name], column.unit),
            least=found.least[self.name],
            least_value=written(found.least[name], column.unit),
        )


def _count(rows: Rows, name: str) -> int:
    return sum(1 for row in rows if row[name] is not None)
