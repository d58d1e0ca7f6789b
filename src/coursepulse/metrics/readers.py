"""What metrics read: rollups in ClickHouse, and names, titles and positions in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from coursepulse.access.viewer import Viewer
from coursepulse.aggregates import profiles, readers
from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.kit.ids import to_text
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.store.postgres.replicas import Replicas

_QUERIES = Queries("coursepulse.metrics.clickhouse")

#: Queries of one text that differ in the column by which they group.
_ORIGINS = {"devices": "device_type", "countries": "country"}

#: On ClickHouse: the queries of metrics, and those about learners that profiles ask too. What counts for engagement has
#: one text: for the last seven days, and for all weeks of a period.
ROLLUP_QUERIES = {
    **readers.QUERIES,
    **{name: text for name, text in _QUERIES.items() if name not in ("origins", "known_before")},
    **{name: _QUERIES["origins"].replace("{origin:Identifier}", by) for name, by in _ORIGINS.items()},
    **{
        name: _QUERIES[name].replace("{known_before:Identifier}", _QUERIES["known_before"])
        for name in ("message_people", "step_people")
    },
    "engagement_rows": readers.QUERIES["engagement_rows"].replace("toMonday(day)", "{week:Date}"),
    "course_engagement": readers.QUERIES["engagement_rows"].replace("{week:Date}", "{first_week:Date}"),
}

#: Seconds to wait for a connection: a page had better say soon that it cannot be shown.
_PATIENCE = 3.0

#: The viewer of the rows that are read now. Without one PostgreSQL shows no rows about people: forgetting it hides.
_viewer: ContextVar[Viewer | None] = ContextVar("viewer", default=None)


@contextmanager
def seen_by(viewer: Viewer | None) -> Iterator[None]:
    """Rows read inside the block are those that ``viewer`` may see, by the policies of the database.

    :param viewer: None for rows that are about nobody
    """
    token = _viewer.set(viewer)
    try:
        yield
    finally:
        _viewer.reset(token)


#: Queries about courses and what is in them, and about nobody: a replica may answer them.
CATALOG_QUERIES = frozenset(
    {
        *("assessment_titles", "course_titles", "lesson_titles", "video_titles"),
        *("course_items", "exercise_titles", "live_titles"),
        *("own_skill_work", "presentations", "skill_lessons"),
    }
)


class CampusReader:
    """Named queries of ``metrics/postgres``: names, titles, positions.

    :param pool: connections as a role that is under row-level security
    :param replicas: servers that answer what is about the catalog alone
    """

    queries: Mapping[str, str] = {
        **Queries("coursepulse.metrics.postgres"),
        "ended_courses": profiles.QUERIES["ended_courses"],
    }

    def __init__(self, pool: Pool, replicas: Replicas | None = None) -> None:
        self._pool, self._replicas = pool, replicas

    def knows(self, name: str) -> bool:
        """Whether a query is asked here, and not of ClickHouse."""
        return name in self.queries

    def read(self, names: Sequence[str], values: Mapping[str, Any]) -> QueryRows:
        """The rows of several queries.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        return {name: self.rows(name, values) for name in names}

    def rows(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a query.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        if self._replicas and name in CATALOG_QUERIES:
            found = self._replicas.rows(self.queries[name].encode(), values)
            if found is not None:
                return found
        viewer = _viewer.get()
        with (
            translate_errors("PostgreSQL metrics"),
            self._pool.connection(timeout=_PATIENCE) as connection,
            # One round trip for all: who looks, what is asked, and the end of the transaction.
            connection.pipeline(),
            connection.transaction(),
        ):
            if viewer is not None:
                connection.execute(_SET_VIEWER, describe_viewer(viewer))
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(self.queries[name].encode(), values).fetchall()

    def names_for(self, viewer: Viewer, students: Collection[bytes]) -> Mapping[bytes, str]:
        """The names of those students that a viewer may see by name, by the policies of the database.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        with seen_by(viewer):
            rows = self.rows("student_names", {"students": [UUID(bytes=each) for each in students]})
        return {row["student_id"].bytes: row["name"] for row in rows}


_SET_VIEWER = Queries("coursepulse.store.postgres.queries")["set_viewer"].encode()


def describe_viewer(viewer: Viewer) -> dict[str, Any]:
    """The values of the query ``set_viewer``."""
    return {
        "role": viewer.role.value,
        "student": to_text(viewer.student_id) if viewer.student_id else "",
        "courses": sorted(viewer.course_ids),
        "teams": sorted(viewer.team_ids),
        "opened": [UUID(bytes=student) for student in sorted(viewer.opened)],
        "scopes": sorted(viewer.scopes),
    }
