"""Where rows come from: the rollups and raw events of ClickHouse, and the catalog of PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeAlias

import polars as pl
from clickhouse_connect.driver.client import Client

from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors as translate_clickhouse
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.warehouse.tables import (
    COURSES,
    ENROLMENTS,
    EVENTS,
    OF_DAYS,
    Grain,
    Kind,
    WarehouseTable,
)

_CLICKHOUSE = Queries("coursepulse.warehouse.clickhouse")
_POSTGRES = Queries("coursepulse.warehouse.postgres")

#: Learners of the courses that are read at once, and events of a day.
_LEARNERS, _EVENTS = 200_000, 500_000

#: Before anything happened.
_ALWAYS = date(1970, 1, 1)

_DOING = "The warehouse export"

#: What a day was made of, as text: another one whenever anything in it has changed.
Prints: TypeAlias = Mapping[date, str]

_TYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.TEXTS: pl.List(pl.String),
    Kind.DAY: pl.Date(),
    Kind.MOMENT: pl.Datetime("us", "UTC"),
    Kind.COUNT: pl.Int64(),
    Kind.NUMBER: pl.Float64(),
}


class DaySpan(NamedTuple):
    """Days to read: from ``start`` until before ``end``."""

    start: date
    end: date


class WarehouseSource:
    """Reads one part of a table at a time, so that memory follows the busiest hour and the largest course.

    It serves one thread, and opens its client at the first question.
    """

    def __init__(self, open_clickhouse: Callable[[], Client], pool: Pool) -> None:
        self._open, self._pool = open_clickhouse, pool
        self._client: Client | None = None
        self._busy: set[date] = set()

    def close(self) -> None:
        """Let go of the client."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def prints(self, end: date) -> dict[str, Prints]:
        """By table, the days before ``end`` that have rows, each with its print.

        :raises StoreUnavailable: as every method, when a database does not answer
        """
        events = self._query("print_event_days", end=end)
        self._busy = set(events.filter(pl.col("rows") > _EVENTS)["day"])
        days = _prints(self._query("print_learner_days", end=end))
        return {EVENTS.name: _prints(events), **{table.name: days for table in OF_DAYS}}

    def frames(self, table: WarehouseTable, span: DaySpan) -> Iterator[pl.DataFrame]:
        """The rows of some days; of a table without days everything, as it was when they ended."""
        if table is EVENTS:
            for first, last in _hours(span.start in self._busy):
                yield self._query("table_events", day=span.start, first=first, last=last)
        elif table is ENROLMENTS:
            yield from self._enrolments(span)
        elif table.grain is Grain.WHOLE:
            yield self._catalog(table)
        else:
            yield self._query(f"table_{table.name}", start=span.start, end=span.end)

    def _enrolments(self, span: DaySpan) -> Iterator[pl.DataFrame]:
        for courses in _batches(self._courses()):
            yield self._query("table_enrolments", courses=courses, students=[], start=_ALWAYS, end=span.end)

    def _courses(self) -> dict[str, int]:
        return dict(self._query("known_courses").iter_rows())

    def _catalog(self, table: WarehouseTable) -> pl.DataFrame:
        with translate_errors(_DOING), self._pool.connection() as connection:
            rows = connection.execute(_POSTGRES[f"table_{table.name}"]).fetchall()
        schema = {each.name: _TYPES[each.kind] for each in table.columns}
        found = pl.DataFrame(rows, schema=schema, orient="row")
        if table is not COURSES:
            return found
        named = pl.DataFrame({"course_id": list(self._courses())}, schema={"course_id": pl.String()})
        return pl.concat([found, named.join(found, on="course_id", how="anti")], how="diagonal")

    def _query(self, name: str, **values: Any) -> pl.DataFrame:
        with translate_clickhouse(_DOING):
            if self._client is None:
                self._client = self._open()
            table = self._client.query_arrow(_CLICKHOUSE[name], parameters=values, use_strings=True)
        return pl.DataFrame(pl.from_arrow(table))


def _prints(found: pl.DataFrame) -> Prints:
    return dict(found.select("day", "print").iter_rows())


def _hours(busy: bool) -> list[tuple[int, int]]:
    """First and last hours of what is read at once of a day."""
    return [(hour, hour) for hour in range(24)] if busy else [(0, 23)]


def _batches(courses: Mapping[str, int]) -> Iterator[list[str]]:
    """Courses in their order, as many at a time as have some learners together."""
    batch: list[str] = []
    learners = 0
    for course in sorted(courses):
        if batch and learners + courses[course] > _LEARNERS:
            yield batch
            batch, learners = [], 0
        batch.append(course)
        learners += courses[course]
    if batch:
        yield batch
