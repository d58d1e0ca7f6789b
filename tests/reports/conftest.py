"""A running server, and a PostgreSQL for itself."""

from tests.support.postgres import pool, postgres_dsn, postgres_server
from tests.support.server import running_server

__all__ = ["pool", "postgres_dsn", "postgres_server", "running_server"]
