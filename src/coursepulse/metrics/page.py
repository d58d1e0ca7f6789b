"""Which rows of a long metric, and in which order."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl

from coursepulse.aggregates.row import Row, Rows, to_rows
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.metric import Metric, Param, Unit
from coursepulse.metrics.query import Query
from coursepulse.metrics.wanted import WantedRows, find_wanted

#: Columns that PostgreSQL knows: rows are labelled before they are sorted by one of these, and after otherwise.
_LABELS = ("name", "title")


class Page(NamedTuple):
    """A part of the rows that are wanted; ``limit`` None means all of them."""

    column: str
    down: bool
    limit: int | None
    offset: int
    wanted: WantedRows = WantedRows()

    @property
    def labelled(self) -> bool:
        """Sorted by a name or title."""
        return self.column in _LABELS

    def cut(self, rows: Rows) -> list[Row]:
        """The rows of the page. Rows without a value come last in either direction."""
        if isinstance(rows, pl.DataFrame):
            return to_rows(self._cut_frame(rows))
        known = [row for row in rows if row[self.column] is not None]
        unknown = [row for row in rows if row[self.column] is None]
        ordered = [*sorted(known, key=self._value, reverse=self.down), *unknown]
        end = None if self.limit is None else self.offset + self.limit
        return ordered[self.offset : end]

    def _cut_frame(self, rows: pl.DataFrame) -> pl.DataFrame:
        text = rows.schema[self.column] == pl.String
        value = pl.col(self.column).str.to_lowercase() if text else pl.col(self.column)
        ordered = rows.sort(value, descending=self.down, nulls_last=True, maintain_order=True)
        return ordered.slice(self.offset, self.limit)

    def _value(self, row: Row) -> Any:
        value = row[self.column]
        return value.casefold() if isinstance(value, str) else value


def find_page(metric: Metric, query: Query) -> Page | None:
    """The page that a query asks for; None for a metric that is always read whole.

    :raises RequestError: ``invalid_sort``, ``invalid_filter``
    """
    if Param.SORT not in metric.takes:
        return None
    sort = query.sort or metric.order
    column = sort.removeprefix("-")
    sortable = [each.name for each in metric.columns if each.unit is not Unit.LIST]
    if column not in sortable:
        raise RequestError("invalid_sort", f"`sort` must be one of {', '.join(sortable)}, or -column.")
    return Page(column, sort.startswith("-"), query.limit, query.offset, find_wanted(metric, query))
