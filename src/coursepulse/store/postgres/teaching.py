"""Who teaches what, from the roster."""

from __future__ import annotations

from uuid import UUID

from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class TeachingRelations:
    """The relations that the roster knows: teaching. There are no teams and no opened records in it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def courses(self, student_id: bytes) -> frozenset[str]:
        """The courses that the person teaches."""
        asked = {"student_id": UUID(bytes=student_id)}
        with translate_errors("The teaching"), self._pool.connection() as connection:
            return frozenset(row[0] for row in connection.execute(_QUERIES["teaching_courses"], asked))

    def teams(self, student_id: bytes) -> frozenset[str]:  # noqa: ARG002
        """None."""
        return frozenset()

    def opened(self, subject: str) -> frozenset[bytes]:  # noqa: ARG002
        """None."""
        return frozenset()
