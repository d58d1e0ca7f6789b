"""Which rows of a long list somebody wants to see: by name, and by the value of a column."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import polars as pl

from coursepulse.aggregates.row import Row, Rows
from coursepulse.definitions.engagement import Band
from coursepulse.definitions.risk import Bucket
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.metric import Metric, Param
from coursepulse.metrics.query import Query


class LearnerStatus(StrEnum):
    """How far a learner is in a course."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


#: Said of a column for the rows without a value in it.
ABSENT = "absent"

#: By parameter, which is called like its column: the values that one may ask for.
CHOICES: dict[Param, tuple[str, ...]] = {
    Param.BUCKET: tuple(Bucket),
    Param.ENGAGEMENT: (*Band, ABSENT),
    Param.STATUS: tuple(LearnerStatus),
}

#: So many characters of a pseudonym are enough to search by: as many as stand for somebody without a name.
_START = 4


class WantedRows(NamedTuple):
    """Which rows are wanted; empty means all.

    :param values: columns and the value that each must have, :data:`ABSENT` for none
    :param search: words that must all be in the name
    """

    values: tuple[tuple[str, str], ...] = ()
    search: str = ""

    def keep(self, rows: Rows) -> Rows:
        """The rows with the wanted values."""
        if isinstance(rows, pl.DataFrame):
            return rows.filter(*(_holds(*each) for each in self.values)) if self.values else rows
        return [row for row in rows if all(_has(row[name], value) for name, value in self.values)]

    def find(self, rows: list[Row]) -> list[Row]:
        """The rows whose name has all the words, or whose pseudonym begins like this."""
        words = fold(self.search).split()
        return [row for row in rows if _is_named(row, words)] if words else rows


def find_wanted(metric: Metric, query: Query) -> WantedRows:
    """Which rows a query asks for.

    :raises RequestError: ``invalid_filter``
    """
    asked = {Param.BUCKET: query.bucket, Param.ENGAGEMENT: query.engagement, Param.STATUS: query.status}
    values = {param: value for param, value in asked.items() if value and param in metric.takes}
    for param, value in values.items():
        if value not in CHOICES[param]:
            raise RequestError("invalid_filter", f"`{param}` must be one of {', '.join(CHOICES[param])}.")
    search = query.search if Param.SEARCH in metric.takes else ""
    return WantedRows(tuple((param.value, value) for param, value in values.items()), search)


def fold(text: str) -> str:
    """A text without capitals and accents, because hardly anybody types them into a search."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))


def _holds(name: str, value: str) -> pl.Expr:
    return pl.col(name).is_null() if value == ABSENT else pl.col(name) == value


def _has(found: Any, value: str) -> bool:
    return found is None if value == ABSENT else bool(found == value)


def _is_named(row: Row, words: Sequence[str]) -> bool:
    name = fold(row["name"])
    if all(word in name for word in words):
        return True
    start = words[-1]
    return not name and len(start) >= _START and to_text(row["student_id"].bytes).startswith(start)
