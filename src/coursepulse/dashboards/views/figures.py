"""Headline numbers: one value each, beside the equal period before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import Comparison, Span, change, kind_of, show
from coursepulse.dashboards.reader import CardSubject, MetricReader, Record, Rows
from coursepulse.dashboards.text import say, say_or
from coursepulse.metrics.metric import Column, Unit
from coursepulse.privacy.small_groups import SUPPRESSED

#: Characters of a value that fit into the narrowest column: 1,234 h
_SHORT = 8

#: What the JSON and CSV of headline numbers hold.
_COLUMNS = (
    Column("name", Unit.TEXT, "Name", "the column of the metric"),
    Column("value", Unit.NUMBER, "Value", "its value"),
    Column(
        "whole",
        Unit.NUMBER,
        "Whole days",
        "the same without today, which is not over; null when it is not compared",
    ),
    Column(
        "before",
        Unit.NUMBER,
        "Period before",
        "the same of as many whole days before; null when it is not known",
    ),
    Column("kind", Unit.TEXT, "Kind", "what the value is"),
)


#: How many days are compared.
DAYS = "days_compared"

#: Whether the value of the period before is missing because it is about too few people.
BEFORE_HIDDEN = "before_hidden"


@dataclass(frozen=True, kw_only=True)
class Figures(View):
    """A row of a metric, turned into one figure per column.

    :param standing: columns that have no period, such as a streak
    :param growing: columns that are to date: they say what they were, and are not compared
    :param trend: a metric by day, whose columns of the same name make the small lines
    :param only: which row it is, in a metric with several
    :param nobody: column that is 0 when the figures would be about nobody
    """

    template: ClassVar[str] = "figures.html"
    standing: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()
    trend: str = ""
    only: Callable[[Record, CardSubject], bool] | None = None
    nobody: str = ""

    @property
    def related(self) -> tuple[str, ...]:
        """The metric by day."""
        return (self.trend,) if self.trend else ()

    def columns(self, card: Card) -> tuple[Column, ...]:  # noqa: ARG002
        """Name and value: each column of the metric is a row here."""
        return _COLUMNS

    def figures(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric that are figures."""
        return card.chosen

    def figure(self, row: Record, each: Column) -> Record:  # noqa: ARG002
        """What a figure says besides, for the page: no column of the JSON or the CSV."""
        return {}

    def complete(self, row: Record) -> Record:
        """The row with what follows from its values."""
        return row

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The figures, with their course over the days where there is one."""
        read = reader.compared(card.source.slug)
        now, whole, before = (self._row(rows, reader.subject) for rows in read[:3])
        days = self._days_over(reader)
        if not now or now.get(self.nobody) == 0:
            return ()
        return [
            {
                "name": each.name,
                "title": each.title,
                "value": now.get(each.name),
                "whole": None if each.name in self.standing else whole.get(each.name),
                "before": None if each.name in self.standing else before.get(each.name),
                "kind": kind_of(each.unit),
                "unit": each.unit,
                "compared": self._compares(card, each.name),
                DAYS: read.days,
                "trend": trend_of([day[each.name] for day in days if each.name in day]),
                BEFORE_HIDDEN: is_hidden(before, each.name),
                SUPPRESSED: is_hidden(now, each.name),
            }
            | self.figure(now, each)
            for each in self.figures(card)
        ]

    def _days_over(self, reader: MetricReader) -> Rows:
        """The days of the small lines. Today is not over, and would look like a fall."""
        days = reader.every_day(self.trend) if self.trend else ()
        return [day for day in days if day["day"] != reader.period.today]

    def _row(self, rows: Rows, subject: CardSubject) -> Record:
        return self.complete(next((row for row in rows if self.only is None or self.only(row, subject)), {}))

    def _compares(self, card: Card, name: str) -> bool:
        return card.source.comparable and name not in self.standing + self.growing


def is_hidden(row: Record, name: str) -> bool:
    """Whether a value of a row of a metric is missing because it is about too few people."""
    return bool(row.get(SUPPRESSED)) and row.get(name) is None


def trend_of(values: Sequence[float | None]) -> tuple[float, ...]:
    """The values of a small line; none when one of them is hidden, because a gap would look like nothing."""
    known = tuple(float(value) for value in values if value is not None)
    return known if len(known) == len(values) else ()


def title_of(figure: Record) -> str:
    """What a figure is called."""
    # What heads its column in a table names the figure too.
    return say_or(f"figure.{figure['name']}", say_or(f"column.{figure['name']}", figure["title"]))


def value_of(figure: Record) -> str:
    """The value with its unit, or that it is hidden."""
    return say("small.cell") if figure[SUPPRESSED] else show(figure["value"], figure["unit"])


def note_of(figure: Record) -> str:
    """What to know about a figure that is not compared."""
    return say_or(f"figure.{figure['name']}.note", "")


def change_of(figure: Record, days: int) -> Comparison | None:
    """The comparison with as many whole days before; None where there is nothing to compare with.

    :param days: how many the page shows
    """
    whole = Span(figure[DAYS], without_today=figure[DAYS] < days)
    return change(figure["whole"], figure["before"], whole, figure["unit"])


def why_alone(figure: Record) -> str:
    """Why a value that is there is compared with nothing; empty text where it is compared, or is not there."""
    known = figure["value"] is not None and not figure[SUPPRESSED]
    if not figure["compared"] or not known or figure["before"] is not None:
        return ""
    return say("change.hidden" if figure[BEFORE_HIDDEN] else "change.none")


def is_long(text: str) -> bool:
    """Whether a value needs smaller type to fit into its column."""
    return len(text) > _SHORT


def path(values: Sequence[float], width: float = 100, height: float = 24) -> str:
    """The SVG path of a small line through ``values``, at least two, highest at the top."""
    low, high = min(0.0, *values), max(values)
    scale = (height - 2) / (high - low) if high > low else 0.0
    step = width / (len(values) - 1)
    points = [f"{n * step:.1f} {height - 1 - (value - low) * scale:.1f}" for n, value in enumerate(values)]
    return "M" + "L".join(points)
