"""Connections to ClickHouse: in this process or over HTTP, and the schema."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import SplitResult, unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import (
    ClickHouseError,
    DatabaseError,
    DataError,
    OperationalError,
    ProgrammingError,
)

from coursepulse.kit.errors import SettingError, StoreRejected, StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.cluster import SETTINGS as CLUSTER_SETTINGS
from coursepulse.store.clickhouse.cluster import ClusterClient, ClusterStatements, find_sharded
from coursepulse.store.lock import FolderLock
from coursepulse.store.schema import Schema

_QUERIES = Queries("coursepulse.store.clickhouse.queries")
_SCHEMA = Schema("coursepulse.store.clickhouse", "ClickHouse")

# Our errors say the same: without a handler the driver would also write them to the terminal.
for _driver in ("clickhouse_connect", "urllib3"):
    logging.getLogger(_driver).addHandler(logging.NullHandler())

_MB = 1 << 20

#: Error codes (src/Common/ErrorCodes.cpp) that blame the rows. Every other error may be temporary: memory, slow
#: merges, a missing table. Treating those as bad rows would lose good ones.
_ROWS_FAULT = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        26, 27,  # CANNOT_PARSE_QUOTED_STRING, CANNOT_PARSE_INPUT_ASSERTION_FAILED
        38, 41, 72,  # CANNOT_PARSE_DATE, CANNOT_PARSE_DATETIME, CANNOT_PARSE_NUMBER
        53, 69, 70,  # TYPE_MISMATCH, ARGUMENT_OUT_OF_BOUND, CANNOT_CONVERT_TYPE
        117, 131,  # INCORRECT_DATA, TOO_LARGE_STRING_SIZE
        321, 349,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE, CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376, 407,  # CANNOT_PARSE_UUID, DECIMAL_OVERFLOW
        469,  # VIOLATED_CONSTRAINT
    }
)  # fmt: skip

#: Settings for every statement, embedded or on a server.
_READING = {
    # With `FINAL` the key alone selects rows before others are read. Conditions on other columns still wait for the
    # last version of a row.
    "optimize_move_to_prewhere_if_final": 1,
}

#: Limits of the embedded engine. Its defaults are for a server on its own machine: 90 % of the memory and 5 GB for
#: each cache.
_ENGINE: dict[str, int | str] = {
    **_READING,
    "max_threads": 2,
    "max_insert_threads": 1,
    "compile_expressions": 0,
    "mark_cache_size": 32 * _MB,
    "index_mark_cache_size": 8 * _MB,
    "primary_index_cache_size": 32 * _MB,
    "query_condition_cache_size": 8 * _MB,
    "compiled_expression_cache_size": 8 * _MB,
    "uncompressed_cache_size": 0,
    "background_pool_size": 2,
    # Two threads, and room for many tasks: a table that finds no room asks again only after half a second or so, and
    # a mutation asks once for each part. The shortest task runs first, so that few hold memory at a time.
    "background_merges_mutations_concurrency_ratio": 16,
    "background_merges_mutations_scheduling_policy": "shortest_task_first",
    "background_schedule_pool_size": 2,
}

#: What our statements rely on, whatever the defaults of the server and its administrator.
_SERVER = {
    **_READING,
    # Statements that change rows return once the rows are changed.
    "mutations_sync": 1,
    "lightweight_deletes_sync": 2,
    "alter_sync": 1,
    # Our inserts are few and large: a buffer for several of them would only add delay.
    "async_insert": 0,
}

#: Share of the memory after which a sort or an aggregation goes to disk instead of failing.
_SPILL = 3

_locks: dict[Path, FolderLock] = {}
_locks_guard = threading.Lock()


def open_clickhouse(url: str, memory_mb: int, cluster: str = "") -> Client:
    """A client of ``chdb:///dir`` or ``http(s)://user:password@host:port/database``.

    A client serves one thread at a time; open one per thread. All clients of one folder share an engine.

    :param memory_mb: memory for queries and merges of the embedded engine, besides its own 280 MB
    :param cluster: over which tables are spread, as its nodes name it; the URL is that of one node
    :raises SettingError: when the URL is wrong, or another process uses the folder
    :raises StoreUnavailable: when the server does not answer
    """
    parts = _split(url)
    if cluster and (parts.scheme == "chdb" or not re.fullmatch(r"\w+", cluster)):
        raise SettingError(
            "COURSEPULSE_CLICKHOUSE_CLUSTER must be the name of a cluster, in letters, digits and underscores, "
            "and COURSEPULSE_CLICKHOUSE must be http(s)://… of one of its nodes."
        )
    if parts.scheme == "chdb":
        return _open_folder(Path(unquote(parts.path)), memory_mb)
    with translate_errors(f"COURSEPULSE_CLICKHOUSE at {parts.hostname}"):
        # No sessions: we do not need them, and a server runs only one query of a session at a time.
        client = clickhouse_connect.get_client(
            dsn=url,
            interface=parts.scheme,
            autogenerate_session_id=False,
            settings=_SERVER | (CLUSTER_SETTINGS if cluster else {}),
        )
        return _spread(client, cluster) if cluster else client


def _spread(client: Client, cluster: str) -> Client:
    database = str(client.command("SELECT currentDatabase()"))
    return cast(Client, ClusterClient(client, ClusterStatements(cluster, database, _sharded_tables())))


@cache
def _sharded_tables() -> frozenset[str]:
    return find_sharded(part for text in _SCHEMA.texts() for part in split_statements(text))


def _split(url: str) -> SplitResult:
    with suppress(ValueError):  # a port that is not a number, an unclosed bracket
        parts = urlsplit(url)
        if parts.scheme == "chdb" or (
            parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        ):
            return parts
    raise SettingError(
        "COURSEPULSE_CLICKHOUSE must be chdb:///dir or http(s)://user:password@host:port/database."
    )


def _open_folder(folder: Path, memory_mb: int) -> Client:
    if not folder.is_absolute() or folder == Path("/"):
        raise SettingError(
            "COURSEPULSE_CLICKHOUSE must name an absolute folder, as in chdb:///var/lib/coursepulse."
        )
    folder = folder.resolve()
    _claim(folder)
    try:
        return clickhouse_connect.get_client(
            interface="chdb", path=str(folder), chdb_options=_engine_options(memory_mb)
        )
    except ImportError:
        raise SettingError(
            "ClickHouse in process is not installed: `pip install coursepulse[embedded]`, "
            "or set COURSEPULSE_CLICKHOUSE=http://…"
        ) from None
    except ProgrammingError as error:
        raise SettingError(f"COURSEPULSE_CLICKHOUSE cannot be opened: {_first_line(error)}") from error


def _claim(folder: Path) -> None:
    """Lock the folder for the rest of this process's life: two engines would destroy the data in it.

    The engine outlives its clients (it keeps merging), so the lock does too.
    """
    with _locks_guard:
        if folder not in _locks:
            _locks[folder] = FolderLock(folder, "The ClickHouse database")


def _engine_options(memory_mb: int) -> dict[str, int | str]:
    memory = memory_mb * _MB
    return _ENGINE | {
        "max_server_memory_usage": memory,
        "max_bytes_before_external_group_by": memory // _SPILL,
        "max_bytes_before_external_sort": memory // _SPILL,
    }


@contextmanager
def translate_errors(doing: str = "ClickHouse") -> Iterator[None]:
    """Turn the driver's errors into ours.

    :raises StoreRejected: when the rows are at fault, and trying again will not help
    :raises StoreUnavailable: on any other error of the database
    """
    try:
        yield
    except DataError as error:
        raise StoreRejected(f"{doing}: {_first_line(error)}") from error
    except DatabaseError as error:
        kind = StoreRejected if error.code in _ROWS_FAULT else StoreUnavailable
        raise kind(f"{doing}: {_first_line(error)}") from error
    except ClickHouseError as error:
        raise StoreUnavailable(f"{doing}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    if isinstance(error, OperationalError) and error.__cause__ is not None:
        return f"no answer ({_find_reason(error.__cause__)})"
    return str(error).partition("\n")[0]


def _find_reason(error: BaseException) -> str:
    """The root cause in a few words; the layers above quote addresses and their own objects."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    said = error.strerror if isinstance(error, OSError) else ""
    return said or str(error) or type(error).__name__


def migrate(client: Client, schema: Schema = _SCHEMA) -> list[str]:
    """Apply what the database lacks of ``schema.sql`` and ``migrations/``, in order; returns the names.

    ClickHouse has no transactions over DDL, so each statement must be repeatable (``IF NOT EXISTS``): after an
    interruption a file is applied again from its beginning.

    :raises SettingError: when the database holds a schema that is too old
    """
    with translate_errors("ClickHouse migrations"):
        client.command(_QUERIES["create_schema_migrations"])
        recorded = {row[0] for row in client.query(_QUERIES["list_migrations"]).result_rows}
        missing = schema.missing(recorded)
        for name, text in missing.items():
            for statement in split_statements(text):
                client.command(statement)
            client.command(_QUERIES["record_migration"], parameters={"name": name})
    return list(missing)


def split_statements(text: str) -> list[str]:
    """The statements of a file, each ended by ``;`` at the end of a line."""
    parts = (part.strip().removesuffix(";") for part in (text + "\n").split(";\n"))
    return [part for part in parts if any(line and not line.startswith("--") for line in part.splitlines())]
