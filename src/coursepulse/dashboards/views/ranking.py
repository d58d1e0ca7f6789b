"""The best and the weakest of many, by the bounds of an interval and not by a lucky mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import count, percent, show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.words import label
from coursepulse.metrics.metric import Column, Unit

_END = Column("end", Unit.STATE, "Place", "best or weakest, by the bound of the interval")
_BEST, _WEAKEST = "best", "weakest"

#: So many at each end.
_AT_END = 5

#: Room for the names of rows: a row each.
_ROW = 30


@dataclass(frozen=True)
class IntervalRanking(View):
    """Rows with a share or mean, and the bounds between which it lies.

    :param share: column of the value, ``low`` and ``high`` those of its bounds, in per cent
    :param people: how many people are behind it
    """

    share: str
    low: str
    high: str
    people: str

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, and at which end a row stands."""
        return (_END, *card.chosen)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The best by their lower bounds and the weakest by their upper ones; nobody is both."""
        return self.rank(card.pick(reader.rows(card.source.slug)))

    def rank(self, rows: Rows) -> Rows:
        """The ends of the list. Of few, as many are best as are weakest."""
        known = self.drawable(rows)
        most = min(_AT_END, (len(known) + 1) // 2)
        best = sorted(known, key=lambda row: (-row[self.low], row["course_id"]))[:most]
        others = [row for row in known if row not in best]
        weakest = sorted(others, key=lambda row: (row[self.high], row["course_id"]))[:most]
        # The weakest of all at the bottom, as it stands in the chart.
        return [*_mark(best, _BEST), *_mark(weakest[::-1], _WEAKEST)]

    def drawable(self, rows: Rows) -> Rows:
        """Those whose numbers may be shown."""
        return [row for row in rows if row[self.low] is not None and row[self.high] is not None]

    def option(self, card: Card, rows: Rows) -> Option:
        """A bar from bound to bound for each row, with a mark at the value."""
        shown = self.drawable(rows)[::-1]
        low = [{"value": round(row[self.low], 1)} for row in shown]
        reach = [self._bar(card, row) for row in shown]
        marks = [[round(row[self.share], 1), place] for place, row in enumerate(shown)]
        return chart.frame(
            xAxis=chart.percents(),
            yAxis=chart.categories(
                [row["title"] for row in shown], axisLine={"show": False}, axisLabel=chart.CUT
            ),
            series=[
                chart.bars("", low, "transparent", stack="interval", silent=True),
                chart.bars(say("rank.interval"), reach, chart.ACCENT, stack="interval"),
                chart.marks(label(card.column(self.share)), marks),
            ],
        )

    def summary(self, card: Card, rows: Rows) -> str:
        """The surest at both ends."""
        known = self.drawable(rows)
        if not known:
            return super().summary(card, rows)
        best, weakest = known[0], known[-1]
        if best[_END.name] == weakest[_END.name]:
            return self._say("chart.says.ranked_one", best)
        return say(
            "chart.says.ranked",
            best=best["title"],
            low=percent(best[self.low]),
            weakest=weakest["title"],
            high=percent(weakest[self.high]),
        )

    def _say(self, key: str, row: Record) -> str:
        return say(key, title=row["title"], low=percent(row[self.low]), high=percent(row[self.high]))

    def _bar(self, card: Card, row: Record) -> Option:
        tip = say(
            "tip.rank",
            title=row["title"],
            label=label(card.column(self.share)),
            value=show(row[self.share], Unit.PERCENT),
            low=percent(row[self.low]),
            high=percent(row[self.high]),
            people=count(row[self.people]),
        )
        colour = chart.ACCENT if row[_END.name] == _BEST else chart.WARN
        return chart.point(
            round(row[self.high] - row[self.low], 1), tip, itemStyle={"color": colour, "opacity": 0.6}
        )


def _mark(rows: Sequence[Record], end: str) -> list[Record]:
    return [{_END.name: end} | row for row in rows]
