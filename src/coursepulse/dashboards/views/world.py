"""Numbers of countries as a map of the world."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.extremes import find_extremes
from coursepulse.dashboards.format import count, show
from coursepulse.dashboards.reader import Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.words import label, plain_tip, written


@dataclass(frozen=True)
class WorldMap(View):
    """Countries, the darker the more.

    :param country: column with the ISO 3166-1 alpha-2 code, by which the map knows its shapes (scripts/world.js)
    :param amount: what colours a country
    """

    country: str
    amount: str

    @property
    def mapped(self) -> bool:
        """It needs the shapes of countries."""
        return True

    def drawable(self, rows: Rows) -> Rows:
        """Those with a country, and a number that may be shown."""
        return [row for row in rows if row[self.country] and row[self.amount] is not None]

    def option(self, card: Card, rows: Rows) -> Option | None:
        """The map; None while no country is known."""
        known = self.drawable(rows)
        if not known:
            return None
        points = [
            chart.point(
                row[self.amount],
                plain_tip(
                    show(row[self.country], card.unit(self.country)),
                    card.column(self.amount),
                    row[self.amount],
                ),
                name=row[self.country],
            )
            for row in known
        ]
        return chart.frame(
            visualMap=chart.heat(0, max(row[self.amount] for row in known), count),
            series=[chart.world(label(card.column(self.amount)), points)],
        )

    def summary(self, card: Card, rows: Rows) -> str:
        """Where most are, and in how many countries there is anybody."""
        known, column = self.drawable(rows), card.column(self.amount)
        found = find_extremes(known, self.amount)
        if found is None:
            return super().summary(card, rows)
        return say(
            "chart.says.world",
            label=label(column),
            countries=count(len([row for row in known if row[self.amount]])),
            top=show(found.most[self.country], card.unit(self.country)),
            most=written(found.most[self.amount], column.unit),
        )
