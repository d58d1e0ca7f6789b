"""The two stores that metrics read from, each by named queries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from clickhouse_connect.driver.client import Client
from psycopg.rows import dict_row

from coursepulse.kit.sql import Queries
from coursepulse.metrics.row import Row
from coursepulse.store.clickhouse.connect import translate_errors as translate_clickhouse
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.connect import translate_errors as translate_postgres


class RollupReader:
    """Named queries of ``metrics/queries`` on ClickHouse.

    :param open_client: called once in each thread that reads, because a client serves one thread at a time
    """

    queries = Queries("coursepulse.metrics.queries")

    def __init__(self, open_client: Callable[[], Client]) -> None:
        self._open = open_client
        self._local = threading.local()

    def rows(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a query.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        with translate_clickhouse("ClickHouse metrics"):
            # Without aware moments a reader could not tell UTC from local time.
            answer = self._client().query(self.queries[name], parameters=dict(values), tz_mode="aware")
        return [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]

    def _client(self) -> Client:
        if not hasattr(self._local, "client"):
            self._local.client = self._open()
        client: Client = self._local.client
        return client


class FactReader:
    """Named queries of ``metrics/facts`` on PostgreSQL: names, titles, positions."""

    queries = Queries("coursepulse.metrics.facts")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def rows(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a query.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        with translate_postgres("PostgreSQL metrics"), self._pool.connection() as connection:
            return (
                connection.cursor(row_factory=dict_row)
                .execute(self.queries[name].encode(), values)
                .fetchall()
            )
