"""A real ClickHouse for tests: one engine per test process (chDB allows no second), one database per test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.store.clickhouse.connect import open_clickhouse


@pytest.fixture(scope="session")
def clickhouse_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The engine of this test process."""
    return f"chdb://{tmp_path_factory.mktemp('clickhouse')}"


@pytest.fixture
def clickhouse(clickhouse_url: str) -> Iterator[Client]:
    """A client of a fresh database, without a single table."""
    with fresh_database(clickhouse_url) as client:
        yield client


@contextmanager
def fresh_database(url: str) -> Iterator[Client]:
    """A client of a database without a single table, dropped afterwards."""
    client = open_clickhouse(url, memory_mb=512)
    name = f"test_{secrets.token_hex(8)}"
    client.command(f"CREATE DATABASE {name}")
    client.database = name
    yield client
    client.command(f"DROP DATABASE {name} SYNC")
    client.close()
