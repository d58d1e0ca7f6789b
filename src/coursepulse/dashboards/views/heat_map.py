"""Coloured cells: the stronger the colour, the more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.extremes import find_extremes
from coursepulse.dashboards.format import count, percent, show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import plural, say
from coursepulse.dashboards.words import label, plain_tip, ticks, tip, written
from coursepulse.metrics.metric import Column, Unit

#: Axes that are always drawn whole.
_WHOLE = {Unit.WEEKDAY: range(7), Unit.HOUR: range(24)}


@dataclass(frozen=True)
class HeatMap(View):
    """One cell for each value of two columns, the first of ``down`` on top; where there is no row, there is 0.

    :param tip: the sentence that pointing at one says; knows ``next``, the value to the right
    :param things: see :func:`coursepulse.dashboards.words.tip`
    """

    across: str
    down: str
    value: str
    tip: str = ""
    things: tuple[str, ...] = ()

    def option(self, card: Card, rows: Rows) -> Option:
        """The whole grid."""
        across, down = self._places(card, rows, self.across), self._places(card, rows, self.down)
        found = {(row[self.across], row[self.down]): row[self.value] for row in rows}
        units = card.unit(self.across), card.unit(self.down)
        cells = [
            chart.point(
                [right, len(down) - 1 - below, found.get((x, y), 0)],
                self._tip(card, {self.across: x, self.down: y, self.value: found.get((x, y), 0)}),
            )
            for below, y in enumerate(down)
            for right, x in enumerate(across)
        ]
        return chart.frame(
            xAxis=chart.categories([show(x, units[0]) for x in across]),
            yAxis=chart.categories([show(y, units[1]) for y in reversed(down)], axisLine={"show": False}),
            visualMap=chart.heat(
                0, max((value or 0 for value in found.values()), default=0), self._writer(card)
            ),
            grid=chart.BELOW_LEGEND,
            series=[chart.cells(label(card.column(self.value)), cells)],
        )

    def _writer(self, card: Card) -> Callable[[float], str]:
        if self.value in self.things:
            return lambda value: plural(f"unit.{self.value}", round(value))
        return lambda value: written(value, card.unit(self.value))

    def summary(self, card: Card, rows: Rows) -> str:
        """The strongest cell."""
        found, column = find_extremes(rows, self.value), card.column(self.value)
        if found is None:
            return super().summary(card, rows)
        most, things = found.most[self.value], self.value in self.things
        return say(
            "chart.says.cell",
            label=label(column),
            down=show(found.most[self.down], card.unit(self.down)),
            across=show(found.most[self.across], card.unit(self.across)),
            most=plural(f"unit.{self.value}", most) if things else written(most, column.unit),
        )

    def _places(self, card: Card, rows: Rows, name: str) -> list[int]:
        return list(_WHOLE.get(card.unit(name), sorted({row[name] for row in rows})))

    def _tip(self, card: Card, row: Record) -> str:
        if self.tip:
            columns = [column for column in card.columns if column.name in row]
            following = show(row[self.across] + 1, card.unit(self.across))
            return tip(self.tip, row, columns, self.things, next=following)
        head = (
            f"{show(row[self.down], card.unit(self.down))} {show(row[self.across], card.unit(self.across))}"
        )
        return plain_tip(head, card.column(self.value), row[self.value])


_WEEK = Column("week", Unit.DATE, "Week", "Monday of the week of the day", hidden=True)
_WEEKDAY = Column("weekday", Unit.WEEKDAY, "Weekday", "0 Monday to 6 Sunday", hidden=True)


@dataclass(frozen=True)
class Calendar(View):
    """A square for each day of the period, a column for each week.

    :param value: what is counted, with its words ``unit.<value>``
    """

    value: str

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, and the place of each day."""
        return (*card.chosen, _WEEK, _WEEKDAY)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Every day, also those on which nothing happened."""
        return [
            {name: row[name] for name in ("day", self.value)}
            | {"week": row["day"] - timedelta(days=row["day"].weekday()), "weekday": row["day"].weekday()}
            for row in reader.every_day(card.source.slug)
        ]

    def option(self, card: Card, rows: Rows) -> Option:
        """The weeks from left to right, Monday on top."""
        weeks = sorted({row["week"] for row in rows})
        places = {week: place for place, week in enumerate(weeks)}
        cells = [
            chart.point([places[row["week"]], 6 - row["weekday"], row[self.value]], self._tip(row))
            for row in rows
        ]
        return chart.frame(
            xAxis=chart.categories(ticks(weeks, Unit.DATE)),
            yAxis=chart.categories(
                [show(day, Unit.WEEKDAY) for day in reversed(range(7))], axisLine={"show": False}
            ),
            visualMap=chart.heat(0, max(row[self.value] for row in rows), self._write),
            grid=chart.BELOW_LEGEND,
            series=[chart.cells(label(card.column(self.value)), cells)],
        )

    def _write(self, value: float) -> str:
        return plural(f"unit.{self.value}", round(value))

    def _tip(self, row: Record) -> str:
        return say("tip.calendar", day=show(row["day"], Unit.DATE), value=self._write(row[self.value]))

    def summary(self, card: Card, rows: Rows) -> str:
        """The fullest day, and how many there were."""
        found = find_extremes(rows, self.value)
        if found is None:
            return super().summary(card, rows)
        return say(
            "chart.says.calendar",
            number=count(sum(1 for row in rows if row[self.value])),
            of=count(len(rows)),
            day=show(found.most["day"], Unit.DATE),
            most=self._write(found.most[self.value]),
        )


#: Share of a row in the lower half of scores.
_BELOW = "below_half"


@dataclass(frozen=True)
class Distribution(View):
    """One line of ten cells per row: which part of its people scored in each tenth.

    :param name: the column that stands beside the lines
    :param parts: column with the ten numbers of people
    :param whole: column with all of them
    """

    name: str
    parts: str
    whole: str

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows in their order; hidden parts are no parts."""
        return [row | {self.parts: row[self.parts] or []} for row in super().read(card, reader)]

    def drawable(self, rows: Rows) -> Rows:
        """Those with anybody in them."""
        return [row for row in rows if row[self.whole]]

    def option(self, card: Card, rows: Rows) -> Option:
        """The lines that have room, the first on top."""
        shown = list(self.drawable(rows)[: self.most])[::-1]
        cells = [
            chart.point([tenth, place, round(self._share(row, people), 1)], self._tip(row, tenth, people))
            for place, row in enumerate(shown)
            for tenth, people in enumerate(row[self.parts])
        ]
        names = [row[self.name] for row in shown]
        return chart.frame(
            xAxis=chart.categories([f"{10 * n}–{10 * n + 10} %" for n in range(10)]),
            yAxis=chart.categories(names, axisLine={"show": False}, axisLabel=chart.CUT),
            visualMap=chart.heat(0, max((cell["value"][2] for cell in cells), default=0), percent),
            grid=chart.BELOW_LEGEND,
            series=[chart.cells(label(card.column(self.whole)), cells)],
        )

    def summary(self, card: Card, rows: Rows) -> str:  # noqa: ARG002
        """Where the largest share is in the lower half."""
        shares = [row | {_BELOW: self._share(row, sum(row[self.parts][:5]))} for row in self.drawable(rows)]
        found = find_extremes(shares, _BELOW)
        if found is None:
            return say("chart.says.none_below")
        return say("chart.says.below", title=found.most[self.name], share=percent(found.most[_BELOW]))

    def _tip(self, row: Record, tenth: int, people: int) -> str:
        return say(
            "tip.spread",
            title=row[self.name],
            low=10 * tenth,
            high=10 * tenth + 10,
            who=plural(f"unit.{self.whole}", people),
            share=percent(self._share(row, people)),
        )

    def _share(self, row: Record, people: int) -> float:
        return 100 * people / row[self.whole] if row[self.whole] else 0.0
