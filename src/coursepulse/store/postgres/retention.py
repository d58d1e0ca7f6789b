"""Retention runs and what they removed."""

from __future__ import annotations

from datetime import datetime

from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.privacy.requests import Removal
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class RetentionRuns:
    """Append-only."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def note(self, at: Micros, what: str, removed: int, oldest_left: datetime | None) -> None:
        """Record one run."""
        values = {"at": from_micros(at), "what": what, "removed": removed, "oldest_left": oldest_left}
        with translate_errors("Retention"), self._pool.connection() as connection:
            connection.execute(_QUERIES["retention_note"], values)

    def newest(self, limit: int = 100) -> list[Removal]:
        """Runs that removed something, newest first."""
        with translate_errors("Retention"), self._pool.connection() as connection:
            return [Removal(*row) for row in connection.execute(_QUERIES["retention_list"], {"limit": limit})]

    def oldest(self) -> tuple[datetime | None, datetime | None]:
        """The oldest raw day and the oldest academic record."""
        with translate_errors("Retention"), self._pool.connection() as connection:
            row = connection.execute(_QUERIES["retention_oldest"]).fetchone()
        return (row[0], row[1]) if row else (None, None)
