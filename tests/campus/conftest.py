from tests.support.clickhouse import clickhouse, clickhouse_url
from tests.support.postgres import empty_dsn, pool, postgres_dsn, postgres_server

__all__ = ["clickhouse", "clickhouse_url", "empty_dsn", "pool", "postgres_dsn", "postgres_server"]
