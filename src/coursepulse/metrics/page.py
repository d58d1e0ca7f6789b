"""Which rows of a long metric, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coursepulse.kit.errors import RequestError
from coursepulse.metrics.metric import Metric, Param, Unit
from coursepulse.metrics.query import Query
from coursepulse.metrics.row import Row

#: More rows than any metric has.
ALL = 1 << 40

#: Columns that PostgreSQL knows and ClickHouse does not.
_LABELS = ("name", "title")


class Page(NamedTuple):
    """A part of the rows.

    :param column: sorted by, None for the order of the SQL
    :param labelled: the column is a name or title, so rows are sorted after they were labelled
    """

    column: str
    down: bool
    limit: int
    offset: int
    labelled: bool

    @property
    def values(self) -> dict[str, object]:
        """What the SQL must know. Rows that are sorted later are all read."""
        if self.labelled:
            return {"sort": "total_rows", "down": False, "limit": ALL, "offset": 0}
        return {"sort": self.column, "down": self.down, "limit": self.limit, "offset": self.offset}

    def cut(self, rows: Sequence[Row]) -> list[Row]:
        """The page of labelled rows; those that the SQL has cut already stay as they are."""
        if not self.labelled:
            return list(rows)
        ordered = sorted(rows, key=lambda row: str(row[self.column]).casefold(), reverse=self.down)
        return ordered[self.offset : self.offset + self.limit]


def find_page(metric: Metric, query: Query) -> Page | None:
    """The page that a query asks for; None for a metric that is always read whole.

    :raises RequestError: ``invalid_sort``
    """
    if Param.SORT not in metric.takes:
        return None
    sort = query.sort or metric.order
    column = sort.removeprefix("-")
    sortable = [each.name for each in metric.columns if each.unit is not Unit.LIST]
    if column not in sortable:
        raise RequestError("invalid_sort", f"`sort` must be one of {', '.join(sortable)}, or -column.")
    limit = ALL if query.limit is None else query.limit
    return Page(column, sort.startswith("-"), limit, query.offset, column in _LABELS)
