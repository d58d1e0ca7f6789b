"""Bars: lying, one inside the other, or in layers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.extremes import SO_FAR, find_extremes, find_step
from coursepulse.dashboards.format import count, show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import enumerated, plural, say
from coursepulse.dashboards.words import label, plain_tip, ticks, tip, written
from coursepulse.metrics.metric import Unit


@dataclass(frozen=True)
class HorizontalBars(View):
    """One bar a row, the first rows on top: or, unless they are ranked, the latest.

    :param name: the column that stands beside the bars
    :param length: the column that they show
    :param tip: the sentence that pointing at one says
    :param ranked: the longest first, whatever the order of the data
    :param mark: column of a tick across each bar, such as what it takes to pass
    :param passed: column that is false for bars which did not reach their mark
    :param things: see :func:`coursepulse.dashboards.words.tip`
    """

    name: str
    length: str
    tip: str = ""
    ranked: bool = False
    mark: str = ""
    passed: str = ""
    things: tuple[str, ...] = ()
    most: int = field(default=14, kw_only=True)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows in their order, or by length."""
        rows = super().read(card, reader)
        return sorted(rows, key=self._rank) if self.ranked else rows

    def _rank(self, row: Record) -> tuple[float, str]:
        return -(row[self.length] or 0), row[self.name]

    def drawable(self, rows: Rows) -> Rows:
        """Those that have a length."""
        return [row for row in rows if row[self.length] is not None]

    def option(self, card: Card, rows: Rows) -> Option | None:
        """The bars that have room; None while there would be nothing but the axis of what it takes to pass."""
        known = self.drawable(rows)
        shown = list(known[: self.most] if self.ranked else known[-self.most :])[::-1]
        if self.mark and not shown:
            return None
        long_names = {"axisLabel": chart.CUT} if card.unit(self.name) is Unit.TEXT else {}
        return chart.frame(
            legend=bool(self.mark),
            xAxis=self._axis(card, shown),
            yAxis=chart.categories(
                [show(row[self.name], card.unit(self.name)) for row in shown],
                axisLine={"show": False},
                **long_names,
            ),
            series=self._series(card, shown),
        )

    def summary(self, card: Card, rows: Rows) -> str:
        """The longest and the shortest bar; with marks, how many have reached theirs."""
        known, column = self.drawable(rows), card.column(self.length)
        found = find_extremes(known, self.length)
        if found is None:
            return super().summary(card, rows)
        ends = {
            "top": show(found.most[self.name], card.unit(self.name)),
            "most": written(found.most[self.length], column.unit),
            "bottom": show(found.least[self.name], card.unit(self.name)),
            "least": written(found.least[self.length], column.unit),
        }
        if self.passed:
            reached = [row for row in known if row[self.passed] is not False]
            return say("chart.says.reached", reached=count(len(reached)), of=count(len(known)), **ends)
        several = len(known) > 1
        return say("chart.says.rows" if several else "chart.says.one", label=label(column), **ends)

    def _axis(self, card: Card, shown: Rows) -> Option:
        if not self._is_share(card):
            return chart.values(splitNumber=3)
        whole = all(row[self.length] <= 100 for row in shown)
        return chart.percents() if whole else chart.open_percents()

    def _is_share(self, card: Card) -> bool:
        return card.unit(self.length) is Unit.PERCENT

    def _series(self, card: Card, shown: Rows) -> list[Option]:
        bars = [self._bar(card, row) for row in shown]
        if not self.mark:
            ground = _GROUND if self._is_share(card) else {}
            return [chart.bars(label(card.column(self.length)), bars, chart.ACCENT, **ground)]
        marks = [[row[self.mark], place] for place, row in enumerate(shown) if row[self.mark]]
        return [
            chart.bars(label(card.column(self.length)), bars, chart.ACCENT),
            chart.marks(label(card.column(self.mark)), marks),
        ]

    def _bar(self, card: Card, row: Record) -> Option:
        value = row[self.length]
        text = self._tip(card, row)
        shown = round(value, 1) if self._is_share(card) else value
        if not self.passed:
            return chart.point(shown, text)
        if row[self.passed] is not False:
            return chart.point(shown, text, itemStyle={"color": chart.ACCENT})
        return chart.point(shown, f"{text}\n{say('tip.not_passed')}", itemStyle={"color": chart.WARN})

    def _tip(self, card: Card, row: Record) -> str:
        if self.tip:
            return tip(self.tip, row, card.columns, self.things)
        name = show(row[self.name], card.unit(self.name))
        return plain_tip(name, card.column(self.length), row[self.length])


#: What a share is a part of.
_GROUND: dict[str, Any] = {
    "showBackground": True,
    "backgroundStyle": {"color": chart.RAISED, "borderRadius": 2},
}


@dataclass(frozen=True)
class OverlaidBars(View):
    """For each row, by number, a part in front of its whole.

    :param tip: the sentence that pointing at one says; knows ``number``
    """

    whole: str
    part: str
    tip: str = ""

    def option(self, card: Card, rows: Rows) -> Option:
        """The whole faintly behind."""
        whole = [
            chart.point(row[self.whole], self._tip(card, row, number)) for number, row in enumerate(rows, 1)
        ]
        part = [{"value": row[self.part]} for row in rows]
        return chart.frame(
            trigger="axis",
            legend=True,
            xAxis=chart.categories([str(number) for number in range(1, len(rows) + 1)]),
            yAxis=chart.values(minInterval=1),
            series=[
                chart.bars(label(card.column(self.whole)), whole, chart.FAINT, barGap="-100%"),
                chart.bars(label(card.column(self.part)), part, chart.ACCENT),
            ],
        )

    def summary(self, card: Card, rows: Rows) -> str:
        """Between which rows the part falls the most."""
        named, column = _named(rows), card.column(self.part)
        step = find_step(named, self.part)
        if step is None:
            return say("chart.says.no_step", label=label(column))
        return say(
            "chart.says.step",
            label=label(column),
            before=step.before[_NAME],
            more=written(step.before[self.part], column.unit),
            after=step.after[_NAME],
            fewer=written(step.after[self.part], column.unit),
        )

    def _tip(self, card: Card, row: Record, number: int) -> str:
        if self.tip:
            return tip(self.tip, row, card.columns, number=number)
        head = plain_tip(str(number), card.column(self.whole), row[self.whole])
        return plain_tip(head, card.column(self.part), row[self.part])


#: What a row is called in a sentence.
_NAME = "called"


def _named(rows: Rows) -> Rows:
    """Rows with their titles, or their numbers where they have none."""
    return [row | {_NAME: row.get("title") or count(number)} for number, row in enumerate(rows, 1)]


@dataclass(frozen=True)
class StackedBars(View):
    """Numbers that add up, one bar a row.

    :param along: the column of the axis
    :param layers: columns with their colours, the lowest layer first
    :param tip: the sentence that pointing at one says; knows ``label`` and ``value``
    :param things: what the numbers count, as ``unit.<things>`` says
    """

    along: str
    layers: tuple[tuple[str, str], ...]
    tip: str = ""
    things: str = ""

    def option(self, card: Card, rows: Rows) -> Option:
        """Stacked bars."""
        return chart.frame(
            trigger="axis",
            legend=True,
            xAxis=chart.categories(ticks([row[self.along] for row in rows], card.unit(self.along))),
            yAxis=chart.values(minInterval=1),
            series=[
                chart.bars(
                    label(card.column(name)),
                    [self._bar(card, row, name) for row in rows],
                    color,
                    stack="band",
                )
                for name, color in self.layers
            ],
        )

    def summary(self, card: Card, rows: Rows) -> str:
        """The layers of the last row that is over, or of the last."""
        row = next((row for row in reversed(rows) if not row.get(SO_FAR)), rows[-1])
        columns = [card.column(name) for name, _ in self.layers]
        parts = enumerated(f"{label(each)} {written(row[each.name], each.unit)}" for each in columns)
        of = label(card.column(self.along))
        return say("chart.says.layers", of=of, at=self._when(card, row), parts=parts)

    def _when(self, card: Card, row: Record) -> str:
        return show(row[self.along], card.unit(self.along))

    def _bar(self, card: Card, row: Record, name: str) -> Option:
        so_far = {"itemStyle": chart.SO_FAR} if row.get(SO_FAR) else {}
        return chart.point(row[name], self._tip(card, row, name), **so_far)

    def _tip(self, card: Card, row: Record, name: str) -> str:
        more = f"\n{say('tip.so_far')}" if row.get(SO_FAR) else ""
        if not self.tip:
            return plain_tip(self._when(card, row), card.column(name), row[name]) + more
        words = {"label": label(card.column(name)), "value": plural(f"unit.{self.things}", row[name])}
        return tip(self.tip, row, card.columns, **words) + more
