"""Connections to PostgreSQL: the pool, what its errors mean, and the schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import psycopg
from psycopg.errors import DataError, IntegrityError, ProgramLimitExceeded
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from coursepulse.kit.errors import SettingError, StoreRejected, StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.pooled import PooledConnection, check_pooled
from coursepulse.store.schema import Schema

Pool: TypeAlias = ConnectionPool[psycopg.Connection[TupleRow]]

_QUERIES = Queries("coursepulse.store.postgres.queries")
_SCHEMA = Schema("coursepulse.store.postgres", "PostgreSQL", "schema_0005")

#: Errors that blame the rows. Every other error may be temporary: an outage, a full disk, a deadlock, or a table
#: that a newer version has not made yet. Treating those as bad rows would lose good ones.
_ROWS_FAULT = (DataError, IntegrityError, ProgramLimitExceeded)

#: What PgBouncer says to a client that begins with options, and what to do about it.
_REFUSED = "unsupported startup parameter"
_IS_POOLER = (
    "COURSEPULSE_POSTGRES is a pooler, behind which a connection does not keep its role: "
    "name the database itself in COURSEPULSE_POSTGRES_DIRECT."
)

#: The role for reading: row-level security shows it what the viewer of the transaction may see.
APP = "coursepulse_app"

#: The role for writing: the pipeline, the roster, the jobs. It owns nothing either.
SERVICE = "coursepulse_service"


def application_of(process: str) -> str:
    """What the database calls the connections of a process; it cuts off longer names."""
    return f"coursepulse {process}".strip()[:63]


def open_pool(dsn: str, size: int = 8, *, role: str = "", process: str = "", pooled: bool = False) -> Pool:
    """Up to ``size`` connections in autocommit mode; open transactions explicitly.

    :param role: the role of every connection from its start; the DSN's own role if empty
    :param process: the name of this process among those that share the database
    :param pooled: the DSN is that of a pooler by transactions, see :mod:`coursepulse.store.postgres.pooled`
    :raises SettingError: when the DSN cannot be read, or is that of a pooler without being called one
    :raises StoreUnavailable: when the database does not answer within ten seconds
    """
    wanted = _parameters(process) if pooled else _parameters(process, role)
    pool: Pool = ConnectionPool(
        dsn,
        connection_class=PooledConnection if pooled else psycopg.Connection[TupleRow],
        min_size=1,
        max_size=size,
        open=False,
        timeout=10,
        # Connections are checked: after a restart of the server, broken ones are replaced and not handed out.
        check=check_pooled if pooled else ConnectionPool.check_connection,
        configure=partial(_give_role if pooled else _check_role, role=role),
        # A pooler may hand out a server that has not prepared the statement.
        kwargs={**wanted, "prepare_threshold": None} if pooled else wanted,
    )
    try:
        _probe(dsn, wanted, role="" if pooled else role)
        pool.open()
    except psycopg.ProgrammingError:
        # The driver quotes the address, and with it the password.
        sentence = "COURSEPULSE_POSTGRES is not a PostgreSQL address such as postgresql://user@host/database."
        raise SettingError(sentence) from None
    return pool


def _parameters(process: str, role: str | None = None) -> dict[str, Any]:
    """What a connection begins with. A pooler does not take options.

    :param role: None behind a pooler
    """
    common = {"autocommit": True, "connect_timeout": 5, "application_name": application_of(process)}
    if role is None:
        return common
    return {**common, "options": f"-c timezone=UTC -c role={role}" if role else "-c timezone=UTC"}


def _probe(dsn: str, parameters: dict[str, Any], role: str) -> None:
    # The pool would only report a timeout; a plain connection says why.
    with translate_errors("PostgreSQL cannot be reached"):
        try:
            with psycopg.connect(dsn, **parameters) as connection:
                _check_role(connection, role)
        except psycopg.OperationalError as error:
            if _REFUSED in str(error):
                raise SettingError(_IS_POOLER) from None
            raise


def _check_role(connection: psycopg.Connection[TupleRow], role: str) -> None:
    """A pooler that was told to ignore options would leave us with every right of the login.

    :raises SettingError: when the connection has not taken on the role
    """
    if role and connection.execute(_QUERIES["find_role"]).fetchone() != (role,):
        raise SettingError(_IS_POOLER)


def _give_role(connection: psycopg.Connection[TupleRow], role: str) -> None:
    if isinstance(connection, PooledConnection):
        connection.role = role or "none"
    # Poolers keep this one for each client, whatever server it gets.
    psycopg.Cursor(connection).execute("SET timezone TO 'UTC'")


def ask(pool: Pool) -> None:
    """Run a trivial query.

    :raises StoreUnavailable: when PostgreSQL does not answer
    """
    with translate_errors("PostgreSQL"), pool.connection(timeout=2) as connection:
        connection.execute("SELECT 1")


@contextmanager
def translate_errors(doing: str = "PostgreSQL") -> Iterator[None]:
    """Turn the driver's errors into ours.

    :raises StoreRejected: when the rows are at fault, and trying again will not help
    :raises StoreUnavailable: on any other error of the database
    """
    try:
        yield
    except _ROWS_FAULT as error:
        raise StoreRejected(f"{doing}: {_first_line(error)}") from error
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:  # an error of the driver itself: the caller's code or setting is wrong
            raise
        raise StoreUnavailable(f"{doing}: {_first_line(error)}") from error
    except psycopg.Error as error:
        raise StoreUnavailable(f"{doing}: {_first_line(error)}") from error


def _first_line(error: psycopg.Error) -> str:
    # Further lines may quote the row, which is personal data.
    text = error.diag.message_primary or str(error)
    return text.partition("\n")[0]


def migrate(pool: Pool, schema: Schema = _SCHEMA) -> list[str]:
    """Apply what the database lacks of ``schema.sql`` and ``migrations/``, all or nothing; returns the names.

    If nothing is missing, nothing is changed, so a role that owns nothing may call this.

    :raises SettingError: when the database holds a schema that is too old
    """
    with translate_errors("PostgreSQL migrations"), pool.connection() as connection:
        if not schema.missing(_recorded(connection)):
            return []
        with connection.transaction():
            connection.execute(_QUERIES["lock_migrations"])
            connection.execute(_QUERIES["create_schema_migrations"])
            missing = schema.missing(_recorded(connection))  # another process may have been faster
            for name, text in missing.items():
                connection.execute(text.encode(), prepare=False)
                connection.execute(_QUERIES["record_migration"], {"name": name})
            connection.execute(_QUERIES["grant_service"])
    return list(missing)


def _recorded(connection: psycopg.Connection[TupleRow]) -> set[str]:
    if connection.execute(_QUERIES["find_migrations_table"]).fetchone() is None:
        return set()
    return {name for (name,) in connection.execute(_QUERIES["list_migrations"])}
