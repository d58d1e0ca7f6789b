"""Tombstones of erased students, which lead to nobody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from coursepulse.kit.sql import Queries
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class Tombstones:
    """Withdraws consents for good."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, student: bytes, tombstone: bytes, at: datetime) -> None:
        """Withdraw every consent, so that none given up to ``at`` ever holds again."""
        values = {
            "student": UUID(bytes=student),
            "purposes": [str(purpose) for purpose in Purpose],
            "tombstone": tombstone,
            "at": at,
        }
        with translate_errors("The erasure"), self._pool.connection() as connection, connection.transaction():
            connection.execute(_QUERIES["campus_lock_consents"])
            connection.execute(_QUERIES["erasure_leave_tombstone"], values)
            connection.execute(_QUERIES["erasure_withdraw"], values)
