"""The schema of PostgreSQL that Superset reads."""

from __future__ import annotations

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.superset.tables import FilledRow

_QUERIES = Queries("coursepulse.superset.postgres")


class SupersetSchema:
    """Writes the tables. Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def replace(self, rows: dict[str, list[FilledRow]]) -> None:
        """Put these rows in the place of all others, in one transaction: charts side by side agree."""
        with (
            translate_errors("The tables for Superset"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            for name, filled in rows.items():
                _replace(connection, name, filled)


def _replace(connection: Connection[TupleRow], name: str, filled: list[FilledRow]) -> None:
    connection.execute(_QUERIES[f"superset_clear_{name}"])
    connection.execute(_QUERIES[f"superset_fill_{name}"], {"rows": msgspec.json.encode(filled).decode()})
