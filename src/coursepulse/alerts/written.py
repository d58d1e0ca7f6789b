"""Which students somebody wrote to, and when: to see afterwards whether it helped."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.alerts.queries")


class WrittenMessages:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param pool: connections of the service
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def note(self, people: Collection[tuple[bytes, str]], account: str, at: Micros) -> None:
        """A message to some students was drafted.

        :param people: each student, and the course that the message is about
        """
        rows = [
            {"student": UUID(bytes=student), "course": course, "account": account, "at": from_micros(at)}
            for student, course in sorted(people)
        ]
        with (
            translate_errors("Messages"),
            self._pool.connection() as connection,
            connection.cursor() as cursor,
        ):
            cursor.executemany(_QUERIES["note_message"], rows)
