"""Making a database what it was before a test, which costs a tenth of making another."""

from __future__ import annotations

import psycopg
from psycopg.sql import SQL, Composed, Identifier

# Connections that a test left open, whose locks the rest would wait for.
_CLOSE_OTHERS = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

_PARTITIONS = (
    "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind = 'r'"
)

_TABLES = (
    "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)

# Also a table from which all rows were deleted: the room they took is still there.
_USED = f"{_TABLES} AND pg_relation_size(oid) > 0"

# Everything that is no row: a line for each thing in the schema. Numbers of objects differ between databases.
_SCHEMA = """
    WITH ours AS (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
    SELECT concat_ws(' ', 'relation', oid::regclass, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity,
                     reloptions, CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) WHEN 'i' THEN pg_get_indexdef(oid) END)
    FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT concat_ws(' ', 'column', attrelid::regclass, attnum, attname, atttypid::regtype, atttypmod, attnotnull,
                     attidentity, attgenerated, attacl, attisdropped, pg_get_expr(adbin, adrelid))
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
    WHERE relnamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
    FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT concat_ws(' ', 'function', oid::regprocedure, proacl, proowner, proconfig, prosecdef, prosrc)
    FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgenabled, pg_get_triggerdef(oid))
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polroles, polpermissive,
                     pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy
    UNION ALL
    SELECT concat_ws(' ', 'sequence', schemaname, sequencename, start_value, increment_by, last_value) FROM pg_sequences
    UNION ALL
    SELECT concat_ws(' ', 'type', oid::regtype, typtype, typacl) FROM pg_type
    WHERE typnamespace IN (SELECT oid FROM ours) AND typrelid = 0 AND typelem = 0
    UNION ALL
    SELECT concat_ws(' ', 'schema', nspname, nspacl) FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)
    UNION ALL
    SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension
    UNION ALL
    SELECT concat_ws(' ', 'settings', setrole, setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY 1
"""


class State:
    """What a database holds, and how to make another like it again."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._schema = _schema(connection)
        self._rows = {name: _rows(connection, name) for name in _names(connection, _USED)}

    def restore(self, connection: psycopg.Connection) -> bool:
        """Take out what a test has put in; False when it has left something behind that is no row."""
        connection.execute(_CLOSE_OTHERS)
        # No trigger runs: some of them keep rows from being deleted.
        connection.execute("SET session_replication_role = replica")
        self._drop_partitions(connection)
        self._empty(connection)
        for name, rows in self._rows.items():
            self._refill(connection, name, rows)
        return _schema(connection) == self._schema

    def _drop_partitions(self, connection: psycopg.Connection) -> None:
        if partitions := _names(connection, _PARTITIONS):
            connection.execute(_of_all("DROP TABLE {}", partitions))

    def _empty(self, connection: psycopg.Connection) -> None:
        if used := [name for name in _names(connection, _USED) if name not in self._rows]:
            connection.execute(_of_all("TRUNCATE {} RESTART IDENTITY CASCADE", used))

    def _refill(self, connection: psycopg.Connection, name: str, rows: bytes) -> None:
        if _rows(connection, name) != rows:
            connection.execute(_of_all("TRUNCATE {} RESTART IDENTITY", [name]))
            with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(Identifier(name))) as copy:
                copy.write(rows)


def _of_all(statement: str, names: list[str]) -> Composed:
    return SQL(statement).format(SQL(", ").join(map(Identifier, names)))


def _names(connection: psycopg.Connection, query: str) -> list[str]:
    return [name for (name,) in connection.execute(query.encode())]


def _rows(connection: psycopg.Connection, name: str) -> bytes:
    with connection.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(name))) as copy:
        return b"".join(map(bytes, copy))


def _schema(connection: psycopg.Connection) -> list[str]:
    return _names(connection, _SCHEMA)
