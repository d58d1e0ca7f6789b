"""The databases of these tests: one test leaves nothing to the next, whatever it did."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.postgres import Server

KNOWS = "SELECT (SELECT count(*) FROM courses), to_regclass('left_behind') IS NOT NULL"


@pytest.mark.parametrize(
    "deed",
    [
        "INSERT INTO courses (course_id, title) VALUES ('left', 'Left behind')",
        "CREATE TABLE left_behind (x int)",
        "ALTER TABLE courses ADD COLUMN left_behind int",
        "GRANT DELETE ON courses TO coursepulse_app",
        "ALTER TABLE courses DISABLE ROW LEVEL SECURITY; ALTER TABLE alerts DISABLE ROW LEVEL SECURITY",
    ],
)
def test_nothing_is_left_of_a_test(postgres_server: Server, deed: str) -> None:
    def look() -> list[tuple[object, ...]]:
        with postgres_server.database() as dsn, psycopg.connect(dsn) as connection:
            rights = connection.execute(
                "SELECT oid::regclass::text, relacl::text, relrowsecurity, relnatts FROM pg_class"
                " WHERE relname IN ('courses', 'alerts') ORDER BY 1"
            ).fetchall()
            return [*connection.execute(KNOWS).fetchall(), *rights]

    before = look()
    with postgres_server.database() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(deed.encode())
    assert look() == before
