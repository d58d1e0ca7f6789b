"""Cohorts: how much of each group is left, period after period."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.words import label, plain_tip, tip


@dataclass(frozen=True)
class CohortTriangle(View):
    """Groups downwards, the latest at the bottom, and periods since then to the right.

    :param cohort: column with the first day of the group
    :param period: column that counts the periods since
    :param share: column with what is left, in per cent
    :param axis: the words of a period on the axis, if not its number; knows ``week``
    :param tip: the sentence that pointing at a cell says
    """

    cohort: str
    period: str
    share: str
    axis: str = ""
    tip: str = ""

    def option(self, card: Card, rows: Rows) -> Option:
        """A triangle of cells."""
        cohorts = sorted({row[self.cohort] for row in rows}, reverse=True)
        periods = sorted({row[self.period] for row in rows})
        cells = [
            chart.point(
                [
                    periods.index(row[self.period]),
                    cohorts.index(row[self.cohort]),
                    round(row[self.share], 1),
                ],
                self._tip(card, row),
            )
            for row in rows
            if row[self.share] is not None
        ]
        return chart.frame(
            xAxis=chart.categories([self._tick(card, period) for period in periods]),
            yAxis=chart.categories([cohort.isoformat() for cohort in cohorts]),
            visualMap=chart.heat(0, 100),
            series=[chart.cells(label(card.column(self.share)), cells)],
        )

    def _tick(self, card: Card, period: int) -> str:
        return say(self.axis, week=period) if self.axis else show(period, card.unit(self.period))

    def _tip(self, card: Card, row: Record) -> str:
        if self.tip:
            return tip(self.tip, row, card.columns)
        head = f"{row[self.cohort].isoformat()}, {self._tick(card, row[self.period])}"
        return plain_tip(head, card.column(self.share), row[self.share])
