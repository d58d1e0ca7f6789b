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
    """

    name: str
    value: str
    wanted: str

    def drawable(self, rows: Rows) -> Rows:
        """Those with a value, if they are enough for a shape."""
        known = [row for row in rows if row[self.value] is not None]
        return known if len(known) >= FEWEST else []

    def option(self, card: Card, rows: Rows) -> Option | None:
        """Two shapes at the most."""
        shown = self.drawable(rows)[: self.most or None]
        if not shown:
            return None
        shapes = [self._shape(card, shown, self.value, chart.ACCENT)]
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
        found, column = find_extremes(self.drawable(rows), self.value), card.column(self.value)
        if found is None:
            return super().summary(card, rows)
        return say(
            "chart.says.skills",
            most=found.most[self.name],
            most_value=written(found.most[self.value], column.unit),
            least=found.least[self.name],
            least_value=written(found.least[self.value], column.unit),
        )
