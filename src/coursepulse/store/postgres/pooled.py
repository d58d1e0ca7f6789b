"""Connections through a pooler that hands out servers by transaction, such as PgBouncer with ``pool_mode=transaction``.

The next transaction may be on another server, and somebody else's may have been on this one. So each takes on its role
for itself, and nothing is left behind that others would find: no role, no viewer, no prepared statement, no lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

import psycopg
from psycopg import Copy, Transaction
from psycopg.abc import Params, Query
from psycopg.copy import Writer
from psycopg.rows import TupleRow

from coursepulse.kit.sql import Queries

_TAKE_ROLE = Queries("coursepulse.store.postgres.queries")["take_role"].encode()


class PooledCursor(psycopg.Cursor[Any]):
    """Gives a statement outside of a transaction one of its own."""

    def execute(
        self,
        query: Any,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> PooledCursor:
        """See psycopg."""
        with self._within():
            return super().execute(query, params, prepare=prepare, binary=binary)

    def executemany(self, query: Query, params_seq: Iterable[Params], *, returning: bool = False) -> None:
        """See psycopg."""
        with self._within():
            super().executemany(query, params_seq, returning=returning)

    @contextmanager
    def copy(
        self, statement: Query, params: Params | None = None, *, writer: Writer | None = None
    ) -> Iterator[Copy]:
        """See psycopg."""
        with self._within(), super().copy(statement, params, writer=writer) as copy:
            yield copy

    def _within(self) -> AbstractContextManager[object]:
        return cast(PooledConnection, self.connection).within_transaction()


class PooledConnection(psycopg.Connection[TupleRow]):
    """One that begins no transaction without its role."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_factory = PooledCursor
        self.role: str | None = None
        self._open = 0

    @contextmanager
    def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> Iterator[Transaction]:
        """See psycopg."""
        if self.role is None:
            raise RuntimeError("A connection through a pooler has no role yet.")
        with super().transaction(savepoint_name, force_rollback) as transaction:
            self._open += 1
            try:
                if self._open == 1:
                    psycopg.Cursor(self).execute(_TAKE_ROLE, {"role": self.role})
                yield transaction
            finally:
                self._open -= 1

    def within_transaction(self) -> AbstractContextManager[object]:
        """The transaction that is open, or a new one."""
        return nullcontext() if self._open else self.transaction()


def check_pooled(connection: psycopg.Connection[TupleRow]) -> None:
    """Whether the pooler answers: a question that needs no role, because it asks nothing.

    :raises psycopg.Error: when it does not
    """
    psycopg.Cursor(connection).execute("")
