from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from coursepulse.kit.errors import SettingError, StoreRejected, StoreUnavailable
from coursepulse.store import postgres
from coursepulse.store.postgres.connect import Pool, migrate, open_pool, translate_errors

FOLDER = Path(postgres.__file__).parent / "migrations"

#: What a new database gets: the schema, then what came after it.
MIGRATIONS = ["schema_0005", *sorted(path.stem for path in FOLDER.glob("*.sql"))]


def test_migrations_are_applied_once_and_recorded(empty_dsn: str) -> None:
    with open_pool(empty_dsn) as pool:
        assert migrate(pool) == MIGRATIONS
        assert migrate(pool) == []
        with pool.connection() as connection:
            recorded = connection.execute("SELECT name FROM schema_migrations ORDER BY name").fetchall()
    assert [name for (name,) in recorded] == sorted(MIGRATIONS)


def test_several_processes_may_migrate_at_once(empty_dsn: str) -> None:
    with open_pool(empty_dsn, size=4) as pool, ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(lambda _: migrate(pool), range(4)))
    assert sorted(applied) == [[], [], [], MIGRATIONS]


def test_profiles_have_the_columns_of_the_specification(pool: Pool) -> None:
    with pool.connection() as connection:
        columns = [column.name for column in connection.execute("TABLE student_profiles").description or ()]
    assert columns == [
        "student_id", "first_enrollment_at", "total_enrollments", "active_enrollments", "completed_courses",
        "dropped_courses", "total_time_spent_hours", "avg_daily_minutes", "preferred_hour", "preferred_day",
        "avg_course_completion_days", "learning_consistency_score", "overall_avg_score", "quiz_accuracy",
        "at_risk_score", "last_activity_at", "updated_at", "days_since_active",
    ]  # fmt: skip


def test_an_address_that_cannot_be_read_is_a_wrong_setting() -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_POSTGRES"):
        open_pool("nonsense")


def test_nobody_at_the_address_is_an_outage(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="PostgreSQL cannot be reached"):
        open_pool(f"postgresql:///coursepulse?host={tmp_path}")


@pytest.mark.parametrize(
    "query", ["SELECT 'x'::uuid", 'SELECT \'{"a":"\\u0000"}\'::jsonb', "INSERT INTO consents DEFAULT VALUES"]
)
def test_rows_are_to_blame_for_values_that_do_not_fit(pool: Pool, query: str) -> None:
    with pytest.raises(StoreRejected), translate_errors(), pool.connection() as connection:
        connection.execute(query.encode())


@pytest.mark.parametrize("query", ["SELECT FROM nowhere", "SELECT pg_terminate_backend(pg_backend_pid())"])
def test_rows_are_not_to_blame_for_anything_else(pool: Pool, query: str) -> None:
    with pytest.raises(StoreUnavailable), translate_errors(), pool.connection() as connection:
        connection.execute(query.encode())


def test_an_error_does_not_quote_the_row(pool: Pool) -> None:
    insert = "INSERT INTO people (student_id, external_id) VALUES (gen_random_uuid(), 'secret')"
    with pool.connection() as connection:
        connection.execute(insert.encode())
    with pytest.raises(StoreRejected) as refused, translate_errors(), pool.connection() as connection:
        connection.execute(insert.encode())
    assert "secret" not in str(refused.value)


def test_the_pool_replaces_broken_connections(pool: Pool, postgres_dsn: str) -> None:
    with pool.connection() as connection:
        victim = connection.info.backend_pid
    with psycopg.connect(postgres_dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [victim])
    with pool.connection() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
