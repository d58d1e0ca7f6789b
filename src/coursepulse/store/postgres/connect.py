"""Connections to PostgreSQL: the pool, what its errors mean, and the schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import psycopg
from psycopg.errors import DataError, IntegrityError, ProgramLimitExceeded
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from coursepulse.kit.errors import SettingError, StoreRejected, StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.store.schema import Schema

Pool: TypeAlias = ConnectionPool[psycopg.Connection[TupleRow]]

_QUERIES = Queries("coursepulse.store.postgres.queries")
_SCHEMA = Schema("coursepulse.store.postgres", "PostgreSQL")

#: What the rows themselves are to blame for. Everything else may pass: an outage, a full disk, a deadlock, or
#: a table that a newer version has yet to make. Taking those for bad rows would throw good ones away.
_ROWS_FAULT = (DataError, IntegrityError, ProgramLimitExceeded)


#: The role that answers questions: row-level security shows it what the viewer of the transaction may see.
APP = "coursepulse_app"

#: The role that takes in and keeps up: the pipeline, the roster, the jobs. It owns nothing either.
SERVICE = "coursepulse_service"


def open_pool(dsn: str, size: int = 8, *, role: str = "") -> Pool:
    """Up to ``size`` connections, each in autocommit: whoever needs a transaction opens one.

    :param role: what every connection acts as from its first moment; without it as the DSN's own role
    :raises SettingError: when the DSN cannot be read
    :raises StoreUnavailable: when the database does not answer within ten seconds
    """
    pool: Pool = ConnectionPool(
        dsn,
        min_size=1,
        max_size=size,
        open=False,
        timeout=10,
        # A checked connection survives a restart of the server: broken ones are replaced, not handed out.
        check=ConnectionPool.check_connection,
        kwargs={
            "autocommit": True,
            "connect_timeout": 5,
            "application_name": "coursepulse",
            "options": f"-c timezone=UTC -c role={role}" if role else "-c timezone=UTC",
        },
    )
    try:
        _probe(dsn)
        pool.open()
    except psycopg.ProgrammingError:
        # The driver quotes the address, and with it the password.
        sentence = "COURSEPULSE_POSTGRES is not a PostgreSQL address such as postgresql://user@host/database."
        raise SettingError(sentence) from None
    return pool


def _probe(dsn: str) -> None:
    # The pool would only say that time ran out; a plain connection says why.
    with translate_errors("PostgreSQL cannot be reached"):
        psycopg.connect(dsn, connect_timeout=5).close()


def ask(pool: Pool) -> None:
    """A question that costs nothing.

    :raises StoreUnavailable: when PostgreSQL does not answer
    """
    with translate_errors("PostgreSQL"), pool.connection(timeout=2) as connection:
        connection.execute("SELECT 1")


@contextmanager
def translate_errors(doing: str = "PostgreSQL") -> Iterator[None]:
    """Turn the driver's errors into ours.

    :raises StoreRejected: when the rows are at fault, and trying again will not help
    :raises StoreUnavailable: on any other trouble with the database
    """
    try:
        yield
    except _ROWS_FAULT as error:
        raise StoreRejected(f"{doing}: {_first_line(error)}") from error
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:  # the driver's own: the caller's code or setting is wrong
            raise
        raise StoreUnavailable(f"{doing}: {_first_line(error)}") from error
    except psycopg.Error as error:
        raise StoreUnavailable(f"{doing}: {_first_line(error)}") from error


def _first_line(error: psycopg.Error) -> str:
    # Further lines may quote the row, and rows are personal.
    text = error.diag.message_primary or str(error)
    return text.partition("\n")[0]


def migrate(pool: Pool, schema: Schema = _SCHEMA) -> list[str]:
    """Apply what the database lacks of ``schema.sql`` and ``migrations/``, all or nothing; returns the names.

    Where nothing is missing nothing is touched, so a role that owns nothing may ask.

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
