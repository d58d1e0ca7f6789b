"""A real PostgreSQL for tests: one server per test process, one fresh database per test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from coursepulse.store.postgres.connect import Pool, migrate, open_pool
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from tests.support import fresh


def owner_dsn(data: Path) -> str:
    """The bundled server of a running server's data directory, as its owner."""
    folder = data / "postgres"
    socket = (folder / "cluster" / "postmaster.pid").read_text().splitlines()[4]
    password = (folder / "password").read_text()
    return f"postgresql://coursepulse:{password}@/coursepulse?host={quote(socket, safe='')}"


class Server:
    """The bundled server, with a migrated database that others are copied from."""

    def __init__(self, folder: Path) -> None:
        # No test cuts its power, and waiting for the disk would be most of the time that a new database takes.
        self._postgres = EmbeddedPostgres(folder, fsync="off", full_page_writes="off")
        self._dsn = self._postgres.start()
        with open_pool(self._dsn) as pool:
            migrate(pool)
        #: Migrated databases that nobody uses, and what such a database holds. Making one costs a thousand files.
        self._free: list[str] = []
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            self._state = fresh.State(connection)

    def stop(self) -> None:
        self._postgres.stop()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The DSN of a migrated database without a row. It is emptied for the next test, if that is all it takes."""
        name = self._free.pop() if self._free else self._create("coursepulse")
        yield self._dsn_of(name)
        if self._is_fresh_again(name):
            self._free.append(name)
        else:
            self._drop(name)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The DSN of a database without a single table, dropped afterwards."""
        name = self._create("template0")
        yield self._dsn_of(name)
        self._drop(name)

    def _create(self, template: str) -> str:
        name = f"test_{secrets.token_hex(8)}"
        self._command(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def _drop(self, name: str) -> None:
        self._command(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _command(self, statement: str) -> None:
        with psycopg.connect(self._dsn_of("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _is_fresh_again(self, name: str) -> bool:
        try:
            with psycopg.connect(self._dsn_of(name), autocommit=True) as connection:
                return self._state.restore(connection)
        except psycopg.Error:  # the test has shut everybody out, or dropped what belongs there
            return False

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
    with postgres_server.empty_database() as dsn:
        yield dsn


@pytest.fixture
def pool(postgres_dsn: str) -> Iterator[Pool]:
    """Connections to a fresh, migrated database."""
    with open_pool(postgres_dsn, size=4) as pool:
        yield pool
