"""The parts of a compliance report, from PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Parts of a report, each from the query ``compliance_<part>``.
PARTS = ("consents", "requests", "accesses", "refusals", "openings", "retention")

Rows = dict[str, list[tuple[Any, ...]]]


class ComplianceRows:
    """Reads all parts in one snapshot, so that they are consistent."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def read(self, start: Micros, end: Micros, now: Micros) -> Rows:
        """The rows of each part, from ``start`` until before ``end``.

        :raises StoreUnavailable: PostgreSQL does not answer
        """
        values = {"start": from_micros(start), "end": from_micros(end), "now": from_micros(now)}
        with (
            translate_errors("The compliance report"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return {part: _rows(connection, part, values) for part in PARTS}


def _rows(
    connection: psycopg.Connection[tuple[Any, ...]], part: str, values: dict[str, datetime]
) -> list[tuple[Any, ...]]:
    return connection.execute(_QUERIES[f"compliance_{part}"], values).fetchall()
