"""A real PostgreSQL for tests: one server per test process, one fresh database per test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

import psycopg
import pytest

from coursepulse.store.postgres import embedded
from coursepulse.store.postgres.connect import Pool, migrate, open_pool
from coursepulse.store.postgres.embedded import EmbeddedPostgres


def owner_dsn(data: Path) -> str:
    """The bundled server of a running server's data directory, as its owner."""
    folder = data / "postgres"
    socket = (folder / "cluster" / "postmaster.pid").read_text().splitlines()[4]
    password = (folder / "password").read_text()
    return f"postgresql://coursepulse:{password}@/coursepulse?host={quote(socket, safe='')}"


class Server:
    """The bundled server, with a migrated database that others are copied from."""

    def __init__(self, folder: Path) -> None:
        self._postgres = EmbeddedPostgres(folder)
        # No test cuts its power, and waiting for the disk would be most of the time that a new database takes.
        with patch.dict(embedded.SETTINGS, fsync="off", full_page_writes="off"):
            self._dsn = self._postgres.start()
        with open_pool(self._dsn) as pool:
            migrate(pool)

    def stop(self) -> None:
        self._postgres.stop()

    @contextmanager
    def database(self, template: str = "coursepulse") -> Iterator[str]:
        """The DSN of a database like ``template``, dropped afterwards (``template0`` is an empty one)."""
        name = f"test_{secrets.token_hex(8)}"
        with psycopg.connect(self._dsn_of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy".encode())
            yield self._dsn_of(name)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def _dsn_of(self, database: str) -> str:
        return self._dsn.replace("@/coursepulse?", f"@/{database}?")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of this test process."""
    server = Server(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture
def postgres_dsn(postgres_server: Server) -> Iterator[str]:
    """A fresh, migrated database."""
    with postgres_server.database() as dsn:
        yield dsn


@pytest.fixture
def empty_dsn(postgres_server: Server) -> Iterator[str]:
    """A fresh database without a single table."""
    with postgres_server.database("template0") as dsn:
        yield dsn


@pytest.fixture
def pool(postgres_dsn: str) -> Iterator[Pool]:
    """Connections to a fresh, migrated database."""
    with open_pool(postgres_dsn, size=4) as pool:
        yield pool
