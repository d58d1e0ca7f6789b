"""Filling the tables that Superset reads with answers of the metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

import msgspec

from coursepulse.access.viewer import Role, Viewer
from coursepulse.kit.clock import Clock, utc_date
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from coursepulse.privacy.small_groups import SUPPRESSED
from coursepulse.superset.datasets import DATA_SETS, WHOLE, DataColumn, DataSet, ShownTo, course_key

#: A row of a table, by column.
FilledRow: TypeAlias = dict[str, Any]

#: Somebody who runs the platform and has no record open: small groups are hidden from them, and numbers rounded.
STAFF = Viewer(role=Role.ADMIN, subject="job:superset", purpose="Tables for Superset.")


class AsksMetrics(Protocol):
    """Answers questions."""

    def run(self, query: Query, viewer: Viewer) -> Table:
        """The answer, as far as the viewer may see."""


class KeepsTables(Protocol):
    """Holds the tables."""

    def replace(self, rows: dict[str, list[FilledRow]]) -> None:
        """Put these rows in the place of all others, at once."""


class SupersetTables:
    """Makes the tables anew.

    :param outside: students who are not in a course any more
    """

    def __init__(
        self,
        metrics: AsksMetrics,
        outside: Callable[[str], frozenset[bytes]],
        held: KeepsTables,
        clock: Clock,
    ) -> None:
        self._metrics, self._outside, self._held, self._clock = metrics, outside, held, clock

    def renew(self) -> str:
        """All tables from the answers of now; what it came to in a sentence.

        :raises StoreUnavailable: the tables stay as they were
        """
        titles = self._titles()
        rows = {each.name: list(self._rows(each, titles)) for each in DATA_SETS}
        self._held.replace(rows)
        told = sum(map(len, rows.values()))
        return f"{told:,} rows about {len(titles):,} courses are ready for Superset."

    def clear(self) -> str:
        """Nothing stays where Superset is not wanted."""
        self._held.replace({each.name: [] for each in DATA_SETS})
        return "Superset is off: its tables are empty."

    def _titles(self) -> dict[str, str]:
        """The title of each course by its id."""
        return {row["course_id"]: row["title"] for row in self._ask(Query(metric="courses"), STAFF).records()}

    def _rows(self, dataset: DataSet, titles: dict[str, str]) -> Iterator[FilledRow]:
        for step in dataset.steps or ("",):
            query = self._query(dataset, step)
            if not dataset.by_course:
                yield from fill(dataset, self._ask(query, STAFF), ShownTo.PLATFORM, titles, step)
                continue
            for course in titles:
                asked = msgspec.structs.replace(query, course=course)
                for shown_to, viewer in self._viewers(course):
                    yield from fill(dataset, self._ask(asked, viewer), shown_to, titles, step, course)

    def _viewers(self, course: str) -> Iterator[tuple[ShownTo, Viewer]]:
        yield ShownTo.PLATFORM, STAFF
        yield ShownTo.TEACHERS, of_class(self._outside(course))

    def _ask(self, query: Query, viewer: Viewer) -> Table:
        return self._metrics.run(query, viewer)

    def _query(self, dataset: DataSet, step: str) -> Query:
        start = dataset.days and utc_date(self._clock()) - timedelta(days=dataset.days - 1)
        return Query(metric=dataset.metric, start=start or None, step=step or "week")


def of_class(outside: frozenset[bytes]) -> Viewer:
    """Who gets numbers of a class without those who are not in it any more.

    Its teacher knows the others one by one, and the difference would be about those who left. Totals leave out
    students whose records a viewer has open, so they stand here as if theirs were.
    """
    return msgspec.structs.replace(STAFF, opened=outside)


def fill(
    dataset: DataSet,
    table: Table,
    shown_to: ShownTo,
    titles: dict[str, str],
    step: str = "",
    course: str = "",
) -> Iterator[FilledRow]:
    """The rows of an answer as the table holds them."""
    titled = METRICS[dataset.metric].titled
    period = {"first_day": table.start, "last_day": table.end - timedelta(days=1), "step": step}
    for row in table.records():
        about = course or str(row.get("course_id", ""))
        known = {"shown_to": shown_to.value, "hidden": row.get(SUPPRESSED, False), **period}
        if "title" in row:
            # Charts call things by their titles; a thing without one is called by its id.
            row["title"] = row["title"] or row[titled]
        named = name_course(about, titles) if dataset.about_courses else {}
        found = {**row, **known, **named}
        yield {each.name: _fit(each, found[each.name]) for each in dataset.columns}


def _fit(column: DataColumn, value: Any) -> Any:
    """Rounding makes floats of counts."""
    return int(value) if column.unit in WHOLE and value is not None else value


def name_course(course: str, titles: dict[str, str]) -> FilledRow:
    """What a row says of its course. Two courses may have one title, so the id stands beside it."""
    title = titles.get(course, "")
    label = f"{title} ({course})" if title else course
    return {"course_key": course_key(course), "course_id": course, "course": label}
