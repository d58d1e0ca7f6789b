"""Changes in the enrolments of the roster, for stores that keep a copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coursepulse.campus.enrolments import Listing
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Rows fetched at a time.
_SOME = 5_000


class RosterFeed:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def newest(self) -> int:
        """The number of the latest change."""
        return self._number("enrolments_newest")

    def count(self, change: int) -> int:
        """How many enrolments have this change as their last."""
        return self._number("enrolments_count", revision=change)

    def changed(self, after: int, up_to: int) -> Iterator[list[Listing]]:
        """What changed after one change and up to another, in chunks and constant memory."""
        with (
            translate_errors("The roster"),
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor("changed_enrolments") as cursor,
        ):
            cursor.execute(_QUERIES["enrolments_changed"], {"after": after, "up_to": up_to})
            while rows := cursor.fetchmany(_SOME):
                yield [Listing(course, student.bytes, *rest) for course, student, *rest in rows]

    def _number(self, name: str, **values: Any) -> int:
        with translate_errors("The roster"), self._pool.connection() as connection:
            row = connection.execute(_QUERIES[name], values).fetchone()
        return int(row[0]) if row else 0
