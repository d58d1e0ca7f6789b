"""A real ClickHouse for tests: one engine per test process (chDB allows no second), one database per test."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.store.clickhouse.connect import migrate, open_clickhouse

_MEMORY_MB = 512


#: The statement that makes each table, and how much there is in it.
_Schema = dict[str, tuple[str, int]]

#: By engine: migrated databases that nobody uses, each with its schema. Making the tables takes a second.
_free: dict[str, list[tuple[str, _Schema]]] = defaultdict(list)


@pytest.fixture(scope="session")
def clickhouse_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The engine of this test process."""
    return f"chdb://{tmp_path_factory.mktemp('clickhouse')}"


@pytest.fixture
def clickhouse(clickhouse_url: str) -> Iterator[Client]:
    """A client of a migrated database without a row."""
    with migrated_database(clickhouse_url) as client:
        yield client


@pytest.fixture
def empty_clickhouse(clickhouse_url: str) -> Iterator[Client]:
    """A client of a fresh database, without a single table."""
    with empty_database(clickhouse_url) as client:
        yield client


@contextmanager
def migrated_database(url: str, cluster: str = "") -> Iterator[Client]:
    """A client of a migrated database without a row. It is emptied for the next test, if that is all it takes."""
    if not _free[url]:
        client = open_clickhouse(url, _MEMORY_MB)
        name = _create(client)
        client = _open_database(url, name, cluster)
        migrate(client)
        _free[url].append((name, _schema(client)))
    name, schema = _free[url].pop()
    client = _open_database(url, name, cluster)
    yield client
    if _empty(client, schema):
        _free[url].append((name, schema))
    else:
        _drop(client, name)
    client.close()


@contextmanager
def empty_database(url: str) -> Iterator[Client]:
    """A client of a database without a single table, dropped afterwards."""
    client = open_clickhouse(url, _MEMORY_MB)
    client.database = name = _create(client)
    yield client
    _drop(client, name)
    client.close()


def _open_database(url: str, name: str, cluster: str) -> Client:
    if cluster:
        return open_clickhouse(f"{url.rpartition('/')[0]}/{name}", _MEMORY_MB, cluster)
    client = open_clickhouse(url, _MEMORY_MB)
    client.database = name
    return client


def _create(client: Client) -> str:
    name = f"test_{secrets.token_hex(8)}"
    client.command(f"CREATE DATABASE {name}")
    return name


def _drop(client: Client, name: str) -> None:
    client.command(f"DROP DATABASE {name} SYNC")


def filled_tables(client: Client) -> list[str]:
    """The tables that hold anything."""
    return [name for name, (_, held) in _schema(client).items() if held]


def _schema(client: Client) -> _Schema:
    query = (
        "SELECT name, create_table_query, ifNull(total_rows, 0) + ifNull(active_parts, 0) FROM system.tables "
        "WHERE database = currentDatabase()"
    )
    return {name: (statement, held) for name, statement, held in client.query(query).result_rows}


def _empty(client: Client, schema: _Schema) -> bool:
    """Take out all rows that a test has put in; False when it has left anything else behind."""
    unfinished = "SELECT count() FROM system.mutations WHERE database = currentDatabase() AND NOT is_done"
    if client.query(unfinished).result_rows != [(0,)]:
        return False
    for name in filled_tables(client):
        if name in schema and not schema[name][1]:
            client.command(f"TRUNCATE TABLE {name} SYNC")
    return _schema(client) == schema
