"""A running server, and both stores for themselves."""

from tests.support.clickhouse import clickhouse, clickhouse_url
from tests.support.postgres import pool, postgres_dsn, postgres_server
from tests.support.server import running_server

__all__ = ["clickhouse", "clickhouse_url", "pool", "postgres_dsn", "postgres_server", "running_server"]
