"""Cohorts: how much of each group is left, period after period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.extremes import SO_FAR
from coursepulse.dashboards.format import count, percent, show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import plural, say
from coursepulse.dashboards.words import label, plain_tip, ticks, tip, written
from coursepulse.metrics.metric import Unit

#: In a group of fewer, one person is more than five per cent: cells say how many they are, and have no colour.
FEW = 20

#: What a reader chooses, as rows and addresses call it.
_STEP, _MEASURE = "step", "measure"
_SHARE, _PEOPLE = "share", "people"

#: Pixels of a row, as long as there are few of them.
_ROW = 34
_ROOM = 6


@dataclass(frozen=True)
class CohortTriangle(View):
    """Groups downwards, the latest at the bottom, and periods since then to the right.

    :param cohort: column with the first day of the group
    :param period: column that counts the periods since
    :param share: column with what is left, in per cent
    :param part: column with what is left, in people
    :param whole: column with the size of the group
    :param axis: the words of a period on the axis, if not its number; knows ``week``
    :param tip: the sentence that pointing at a cell says
    :param steps: the lengths of a period that a reader may choose from, ``week`` and ``month``; none where periods are
        no such things, and nothing is marked as not over yet. The words then end in ``.<step>``
    """

    cohort: str
    period: str
    share: str
    part: str
    whole: str
    axis: str = ""
    tip: str = ""
    steps: tuple[str, ...] = ()

    @property
    def offers(self) -> Mapping[str, tuple[str, ...]]:
        """Weeks or months, and shares or people."""
        return {"step": self.steps, "measure": (_SHARE, _PEOPLE)} if self.steps else {}

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows, which know what the reader chose; those of periods that are not over yet say so."""
        if not self.steps:
            return super().read(card, reader)
        today, step = reader.period.today, reader.chosen.get(_STEP, self.steps[0])
        told = {_STEP: step, _MEASURE: reader.chosen.get(_MEASURE, _SHARE)}
        return [
            row | told | ({SO_FAR: True} if self._lasts(row, step, today) else {})
            for row in super().read(card, reader)
        ]

    def _lasts(self, row: Record, step: str, today: date | None) -> bool:
        return today is not None and _end_of(row[self.cohort], row[self.period], step) > today

    def option(self, card: Card, rows: Rows) -> Option:
        """A triangle of cells, each with its number."""
        cohorts = sorted({row[self.cohort] for row in rows})
        periods = sorted({row[self.period] for row in rows})
        cells = [
            self._cell(card, row, periods.index(row[self.period]), cohorts[::-1].index(row[self.cohort]))
            for row in rows
            if row[self.share] is not None
        ]
        return chart.frame(
            grid={"left": 4, "right": 12, "top": 36} | _height(len(cohorts)) | chart.KEEP_LABELS,
            xAxis=chart.categories([self._tick(card, period, rows[0]) for period in periods]),
            yAxis=chart.categories(
                self._names(cohorts, rows)[::-1], axisLine={"show": False}, axisLabel={"lineHeight": 13}
            ),
            # Also of people: a colour says which part of the group they are.
            visualMap=chart.heat(0, 100, percent),
            series=[chart.cells(label(card.column(self.share)), cells)],
        )

    def _names(self, cohorts: list[date], rows: Rows) -> list[str]:
        """Each group with its size: a share of seven people says less than one of hundreds."""
        sizes = {row[self.cohort]: row[self.whole] for row in rows}
        return [
            day
            if sizes[each] is None
            else say("axis.cohort", day=day, people=plural("unit.learners", sizes[each]))
            for day, each in zip(ticks(cohorts, Unit.DATE), cohorts, strict=True)
        ]

    def _cell(self, card: Card, row: Record, across: int, up: int) -> Option:
        small = row[self.whole] is not None and row[self.whole] < FEW
        people = small or row.get(_MEASURE) == _PEOPLE
        words = say("cell.few", part=count(row[self.part] or 0)) if people else percent(row[self.share])
        label_of = chart.CELL_LABEL | {"formatter": words + ("*" if row.get(SO_FAR) else "")}
        colour = (
            {"visualMap": False, "itemStyle": {"color": chart.SURFACE, "borderColor": chart.LINE}}
            if small
            else {}
        )
        place = [across, up, round(row[self.share], 1)]
        return chart.point(place, self._tip(card, row), label=label_of, **colour)

    def summary(self, card: Card, rows: Rows) -> str:
        """How many came back in the period after the first, of all groups that are old enough."""
        after = [
            row
            for row in rows
            if row[self.period] == 1 and not row.get(SO_FAR) and row[self.part] is not None
        ]
        whole = sum(row[self.whole] for row in after)
        if not whole:
            return say("chart.says.fresh")
        part = sum(row[self.part] for row in after)
        share = percent(100 * part / whole)
        return say(
            "chart.says.returned",
            period=self._tick(card, 1, after[0]),
            share=share,
            part=count(part),
            whole=count(whole),
        )

    def _tick(self, card: Card, period: int, row: Record) -> str:
        if not self.axis:
            return show(period, card.unit(self.period))
        return say(self._worded(self.axis, row), week=period)

    def _worded(self, key: str, row: Record) -> str:
        """The sentence for weeks or for months."""
        return f"{key}.{row.get(_STEP, self.steps[0])}" if self.steps else key

    def _tip(self, card: Card, row: Record) -> str:
        more = f"\n{say('tip.so_far')}" if row.get(SO_FAR) else ""
        if self.tip:
            return tip(self._worded(self.tip, row), row, card.columns) + more
        head = (
            f"{written(row[self.cohort], card.unit(self.cohort))}, {self._tick(card, row[self.period], row)}"
        )
        return plain_tip(head, card.column(self.share), row[self.share]) + more


def _end_of(cohort: date, period: int, step: str) -> date:
    """The day after the last of the n-th period after a group began."""
    if step != "month":
        return cohort + timedelta(days=7 * (period + 1))
    months = cohort.year * 12 + cohort.month + period
    return date(months // 12, months % 12 + 1, 1)


def _height(groups: int) -> Option:
    return {"height": _ROW * groups} if groups <= _ROOM else {"bottom": 4}
