"""Servers that follow PostgreSQL's primary, for rows of the catalog: never for rights, and never for people.

A replica answers only if it has the version of the catalog that the primary has now. So nobody is shown a title that
was changed before they asked, however far a replica is behind; the primary answers then, and when no replica does.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import structlog
from psycopg.rows import dict_row

from coursepulse.kit.clock import SECOND, Clock, Micros
from coursepulse.kit.errors import SettingError, StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import SERVICE, Pool, open_pool, translate_errors

_VERSION = Queries("coursepulse.store.postgres.queries")["campus_catalog_version"].encode()

#: A replica that did not answer is not asked again for so long.
_REST: Micros = 10 * SECOND

#: Seconds to wait for a connection: the primary would have answered by then.
_PATIENCE = 0.5

_log = structlog.get_logger()


def read_addresses(setting: str) -> list[str]:
    """The addresses of ``postgres_replicas``.

    :raises SettingError: when one of them is none
    """
    found = [each.strip() for each in setting.split(",") if each.strip()]
    for number, each in enumerate(found, 1):
        if not each.startswith(("postgresql://", "postgres://")):
            raise SettingError(
                f"COURSEPULSE_POSTGRES_REPLICAS: address {number} must look like postgresql://user@host/database."
            )
    return found


class _Replica:
    """One server. Its connections are opened when it is first asked, because it may be away when we start."""

    def __init__(self, dsn: str, number: int) -> None:
        self._dsn, self.number = dsn, number
        self._pool: Pool | None = None
        self._opening = threading.Lock()
        self.resting_until: Micros = 0

    def pool(self) -> Pool:
        """Its connections.

        :raises StoreUnavailable: when it does not answer
        """
        with self._opening:
            if self._pool is None:
                # The version of the catalog is kept from the role that answers questions; nothing here is about people.
                self._pool = open_pool(self._dsn, size=4, role=SERVICE)
            return self._pool

    def close(self) -> None:
        """Give its connections back."""
        if self._pool is not None:
            self._pool.close()


class Replicas:
    """Asked in turn.

    :param primary: connections to the server that they follow
    """

    def __init__(self, primary: Pool, dsns: Sequence[str], clock: Clock) -> None:
        self._primary, self._clock = primary, clock
        self._replicas = [_Replica(dsn, number) for number, dsn in enumerate(dsns, 1)]
        self._turn = cycle(self._replicas)
        self._choosing = threading.Lock()
        #: Questions that replicas have answered, and those that they could not.
        self.answered = self.passed_on = 0

    def rows(self, query: bytes, values: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """The rows of a query about the catalog; None when the primary must be asked.

        :raises StoreUnavailable: when the primary does not answer
        """
        replica = self._choose()
        if replica is None:
            return None
        wanted = self._newest()
        try:
            version, found = _ask(replica.pool(), query, values)
        except StoreUnavailable as error:
            _log.warning("replica_away", replica=replica.number, reason=str(error))
            replica.resting_until = self._clock() + _REST
            version, found = -1, []
        if version < wanted:
            self.passed_on += 1
            return None
        self.answered += 1
        return found

    def close(self) -> None:
        """Give all connections back."""
        for each in self._replicas:
            each.close()

    def _choose(self) -> _Replica | None:
        now = self._clock()
        with self._choosing:
            candidates = (next(self._turn) for _ in self._replicas)
            return next((each for each in candidates if each.resting_until <= now), None)

    def _newest(self) -> int:
        with translate_errors("The version of the catalog"), self._primary.connection() as connection:
            row = connection.execute(_VERSION).fetchone()
        return int(row[0]) if row else 0


def _ask(pool: Pool, query: bytes, values: Mapping[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """The version of the catalog that a replica has, and the rows of a query, of one moment."""
    with (
        translate_errors("The replica"),
        pool.connection(timeout=_PATIENCE) as connection,
        connection.pipeline(),
        connection.transaction(),
    ):
        connection.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        version = connection.execute(_VERSION)
        rows = connection.cursor(row_factory=dict_row).execute(query, values)
        row = version.fetchone()
        return (int(row[0]) if row else 0), rows.fetchall()
