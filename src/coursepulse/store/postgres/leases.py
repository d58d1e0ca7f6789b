"""Leases: which worker has which partitions of the log, and which one leads (docs/decisions/0051).

PostgreSQL's clock decides, so that clocks of machines may differ. A lease that is not renewed within
:data:`LEASE_SECONDS` is free for others; who takes a partition raises its epoch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import namedtuple_row

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, application_of, translate_errors

#: Seconds after which the lease of a silent worker is free.
LEASE_SECONDS = 10.0

_QUERIES = Queries("coursepulse.store.postgres.queries")


class Leased(NamedTuple):
    """What a worker has after a turn.

    :param epochs: of its partitions
    :param surplus: its partitions that others are to have: it stops reading them, then gives them back
    """

    epochs: Mapping[int, int]
    surplus: frozenset[int]


class PartitionLease(NamedTuple):
    """One partition, as everybody can see.

    :param served: the number of the position up to which numbers are made
    """

    partition: int
    owner: str
    epoch: int
    free: bool
    served: int


class Leases:
    """The leases of one worker. Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param name: of the worker, unlike any other
    :param partitions: how many the log has
    """

    def __init__(
        self,
        pool: Pool,
        name: str,
        partitions: int,
        *,
        owner: Pool | None = None,
        seconds: float = LEASE_SECONDS,
    ) -> None:
        self._pool, self._owner, self._name, self._partitions = pool, owner or pool, name, partitions
        self._seconds = seconds

    def turn(self) -> Leased:
        """Renew what this worker has, and take its share of what is free."""
        with translate_errors("Leases"), self._pool.connection() as connection, connection.transaction():
            self._run(connection, "patience")
            self._run(connection, "turn")
            self._run(connection, "add_partitions")
            self._run(connection, "appear")
            epochs = {row.partition: row.epoch for row in self._run(connection, "renew")}
            every = [PartitionLease(*row) for row in self._run(connection, "partitions")]
            workers = [row.name for row in self._run(connection, "workers")]
            share = share_of(self._name, workers, self._partitions)
            wanted = _choose(every, workers, share - len(epochs))
            taken = self._run(connection, "take", wanted=[each.partition for each in wanted])
        self._end_sessions({each.owner for each in wanted} - {"", self._name})
        surplus = frozenset(sorted(epochs)[share:])
        return Leased(epochs | {row.partition: row.epoch for row in taken}, surplus)

    def give(self, partitions: Collection[int]) -> None:
        """Others may have these from now on."""
        with translate_errors("Leases"), self._pool.connection() as connection:
            self._run(connection, "give", given=list(partitions))

    def leave(self) -> None:
        """Others may have everything, and need not wait for it."""
        with translate_errors("Leases"), self._pool.connection() as connection, connection.transaction():
            self._run(connection, "give", given=list(range(self._partitions)))
            self._run(connection, "leave")

    def lead(self) -> int:
        """The epoch in which this worker leads; 0 if another one does."""
        with translate_errors("Leases"), self._pool.connection() as connection:
            rows = self._run(connection, "lead")
        return int(rows[0].epoch) if rows else 0

    def raise_versions(self) -> None:
        """What is written from now on is newer than everything before, even if that is not in this database."""
        with translate_errors("Leases"), self._owner.connection() as connection:
            self._run(connection, "raise_versions")

    def resign(self) -> None:
        """Another one may lead."""
        with translate_errors("Leases"), self._pool.connection() as connection:
            self._run(connection, "resign")

    def every(self) -> list[PartitionLease]:
        """All partitions."""
        with translate_errors("Leases"), self._pool.connection() as connection:
            return [PartitionLease(*row) for row in self._run(connection, "partitions")]

    def lately(self) -> list[str]:
        """The workers that were there within the last day and have not left."""
        with translate_errors("Leases"), self._pool.connection() as connection:
            return [row.name for row in self._run(connection, "lately")]

    def _end_sessions(self, workers: Collection[str]) -> None:
        # A role that may not end the sessions of others waits until the system does.
        with suppress(StoreUnavailable):
            if workers:
                with translate_errors("Leases"), self._owner.connection() as connection:
                    self._run(
                        connection, "end_sessions", applications=[application_of(each) for each in workers]
                    )

    def _run(self, connection: psycopg.Connection, query: str, **values: object) -> list[Any]:
        told = {"name": self._name, "seconds": self._seconds, "partitions": self._partitions, **values}
        cursor = connection.cursor(row_factory=namedtuple_row).execute(_QUERIES[f"leases_{query}"], told)
        return cursor.fetchall() if cursor.description else []


def share_of(name: str, workers: Collection[str], partitions: int) -> int:
    """How many partitions a worker is to have: all have as many, but for one."""
    order = sorted({*workers, name})
    share, rest = divmod(partitions, len(order))
    return share + (order.index(name) < rest)


def _choose(every: list[PartitionLease], workers: Collection[str], room: int) -> list[PartitionLease]:
    """What a worker takes: those that are free first."""
    free = [each for each in every if each.free or each.owner not in workers]
    return free[: max(0, room)]
