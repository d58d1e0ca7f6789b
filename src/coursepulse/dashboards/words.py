"""Columns and values in words: what heads a column, and what pointing at a mark of a chart says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from coursepulse.dashboards.format import count_of, show, span_of
from coursepulse.dashboards.language import minute_of_day, short_day
from coursepulse.dashboards.reader import Record
from coursepulse.dashboards.text import plural, say, say_or
from coursepulse.metrics.metric import Column, Metric, Unit

#: What titles are of, by the title of their column in the catalog of metrics.
_TITLED = {"Course": "course", "Where": "where"}


def label(column: Column) -> str:
    """What heads a column."""
    return say_or(heading(column), column.title)


def heading(column: Column) -> str:
    """The sentence that heads a column; a title by what it is the title of, where that is not what the list is of."""
    name = _TITLED.get(column.title, column.name) if column.name == "title" else column.name
    return f"column.{name}"


def metric_title(metric: Metric) -> str:
    """What a metric is called."""
    return say_or(f"metric.{metric.slug}", metric.title)


def tip(key: str, row: Record, columns: Sequence[Column], things: Sequence[str] = (), **more: object) -> str:
    """What pointing at a mark says: the sentence ``key`` with the values of the row, each with its unit.

    :param things: columns whose number stands with what it counts, as ``unit.<column>`` says
    """
    words = {column.name: written(row[column.name], column.unit) for column in columns}
    words |= {name: plural(f"unit.{name}", row[name]) for name in things}
    return say(key, **words | more)


def plain_tip(head: str, column: Column, value: object) -> str:
    """The same for a card without a sentence of its own."""
    return f"{head}\n{label(column)}: {written(value, column.unit)}"


def tick(value: object, unit: Unit) -> str:
    """A value on an axis. A day has no year: :func:`ticks` says it where it is not plain."""
    return short_day(value) if isinstance(value, date) else show(value, unit)


def ticks(values: Sequence[object], unit: Unit) -> list[str]:
    """Values on an axis; of days, the first has its year, and so has each first of another."""
    if unit is Unit.MOMENT:
        return [minute_of_day(value) for value in values if isinstance(value, datetime)]
    marked = [*_new_years(values)]
    return [
        short_day(value, year=new) if isinstance(value, date) else tick(value, unit)
        for value, new in zip(values, marked, strict=True)
    ]


def _new_years(values: Sequence[object]) -> Iterator[bool]:
    seen = None
    for value in values:
        year = value.year if isinstance(value, date) else None
        yield year != seen
        seen = year


def written(value: object, unit: Unit) -> str:
    """A value in a sentence."""
    return _WRITERS[unit](value) if unit in _WRITERS else show(value, unit)


_WRITERS: dict[Unit, Callable[..., str]] = {
    Unit.COUNT: count_of,
    Unit.SECONDS: span_of,
}
