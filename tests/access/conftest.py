from tests.access.faculty import faculty, filled
from tests.support.clickhouse import clickhouse_url
from tests.support.postgres import pool, postgres_dsn, postgres_server

__all__ = ["clickhouse_url", "faculty", "filled", "pool", "postgres_dsn", "postgres_server"]
