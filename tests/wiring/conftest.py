"""Both stores, real and fresh for each test."""

from tests.support.clickhouse import clickhouse, clickhouse_url
from tests.support.postgres import pool, postgres_dsn, postgres_server

__all__ = ["clickhouse", "clickhouse_url", "pool", "postgres_dsn", "postgres_server"]
