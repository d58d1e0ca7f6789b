from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.kit.errors import SettingError
from coursepulse.store.clickhouse import connect as clickhouse_store
from coursepulse.store.postgres import connect as postgres_store
from coursepulse.store.postgres.connect import Pool, open_pool
from tests.support.schemas import schema_of

BASE = """
CREATE TABLE shelves (shelf integer);
CREATE FUNCTION grant_service() RETURNS void LANGUAGE sql AS 'SELECT';
"""
#: What a database records once it has ``schema.sql``.
BASES = {"postgres": "schema_0005", "clickhouse": "schema"}

FIRST = "ALTER TABLE shelves ADD COLUMN books integer DEFAULT 7;"
SECOND = "INSERT INTO shelves (shelf, books) VALUES (1, 8); INSERT INTO shelves (shelf) VALUES (2);"


def folded(database: str) -> list[str]:
    """The migrations of the version before, as a database of it has recorded them."""
    return (files(f"coursepulse.store.{database}") / "migrations" / "folded.txt").read_text("utf-8").split()


def changes(database: str) -> list[str]:
    """The migrations since ``schema.sql``, in order."""
    folder = files(f"coursepulse.store.{database}") / "migrations"
    return sorted(
        entry.name.removesuffix(".sql") for entry in folder.iterdir() if entry.name.endswith(".sql")
    )


def record(pool: Pool, names: list[str]) -> None:
    with pool.connection() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM schema_migrations")
        cursor.executemany("INSERT INTO schema_migrations (name) VALUES (%s)", [(name,) for name in names])


def record_in_clickhouse(client: Client, names: list[str]) -> None:
    client.command("TRUNCATE TABLE schema_migrations")
    client.insert("schema_migrations", [[name] for name in names], column_names=["name"])


@pytest.mark.parametrize("database", ["postgres", "clickhouse"])
def test_a_schema_says_what_it_is_and_has_a_heading_for_each_subject(database: str) -> None:
    text = (files(f"coursepulse.store.{database}") / "schema.sql").read_text("utf-8")
    assert re.match(r"-- The whole \w+ schema of a new installation\.\n", text)
    contents = re.findall(r"^-- {2,3}(\d+)\. (\w+)", text, re.MULTILINE)
    assert re.findall(r"^-- (\d+)\. (\w+).* -{5,}$", text, re.MULTILINE) == contents


def test_postgres_gets_each_change_once_and_in_order(
    empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_pool(empty_dsn, size=1) as pool:
        one = schema_of(tmp_path, monkeypatch, BASE, **{"0001_books": FIRST})
        both = schema_of(tmp_path, monkeypatch, BASE, **{"0002_rows": SECOND, "0001_books": FIRST})
        assert postgres_store.migrate(pool, one) == ["schema", "0001_books"]
        assert postgres_store.migrate(pool, both) == ["0002_rows"]
        assert postgres_store.migrate(pool, both) == []
        with pool.connection() as connection:
            rows = connection.execute("SELECT shelf, books FROM shelves ORDER BY shelf").fetchall()
    assert rows == [(1, 8), (2, 7)]


def test_a_change_that_fails_leaves_postgres_as_it_was(
    empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_pool(empty_dsn, size=1) as pool:
        with pytest.raises(Exception, match="PostgreSQL migrations"):
            postgres_store.migrate(
                pool, schema_of(tmp_path, monkeypatch, BASE, **{"0001_no": "SELECT nothing"})
            )
        assert postgres_store.migrate(pool, schema_of(tmp_path, monkeypatch, BASE)) == ["schema"]


def test_clickhouse_gets_each_change_once_and_in_order(
    empty_clickhouse: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = "CREATE TABLE IF NOT EXISTS shelves (shelf UInt8) ENGINE = Memory;\n"
    first = "-- Books.\nALTER TABLE shelves ADD COLUMN IF NOT EXISTS books UInt8 DEFAULT 7;\n"
    second = "INSERT INTO shelves (shelf, books) VALUES (1, 8);\nINSERT INTO shelves (shelf) VALUES (2);\n"
    one = schema_of(tmp_path, monkeypatch, base, **{"0001_books": first})
    both = schema_of(tmp_path, monkeypatch, base, **{"0002_rows": second, "0001_books": first})
    assert clickhouse_store.migrate(empty_clickhouse, one) == ["schema", "0001_books"]
    assert clickhouse_store.migrate(empty_clickhouse, both) == ["0002_rows"]
    assert clickhouse_store.migrate(empty_clickhouse, both) == []
    rows = empty_clickhouse.query("SELECT shelf, books FROM shelves ORDER BY shelf").result_rows
    assert list(rows) == [(1, 8), (2, 7)]


def test_the_command_says_what_each_database_got(
    empty_dsn: str, clickhouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSEPULSE_POSTGRES", empty_dsn)
    monkeypatch.setenv("COURSEPULSE_CLICKHOUSE", clickhouse_url)
    said = CliRunner().invoke(app, ["migrate", "--data", str(tmp_path)], catch_exceptions=False).stdout
    postgres, clickhouse = ([BASES[database], *changes(database)] for database in BASES)
    assert said.splitlines() == [
        *(f"applied PostgreSQL {name}" for name in postgres),
        *(f"applied ClickHouse {name}" for name in clickhouse),
        f"{len(postgres) + len(clickhouse)} migrations applied; both databases are up to date",
    ]


def test_databases_of_the_version_before_open_as_they_are(
    empty_dsn: str, empty_clickhouse: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = (files("coursepulse.store.postgres") / "schema.sql").read_text("utf-8")
    with open_pool(empty_dsn, size=1) as pool:
        postgres_store.migrate(pool, schema_of(tmp_path, monkeypatch, base))
        record(pool, folded("postgres"))
        assert postgres_store.migrate(pool) == [BASES["postgres"], *changes("postgres")]
        assert postgres_store.migrate(pool) == []

    clickhouse_store.migrate(empty_clickhouse)
    record_in_clickhouse(empty_clickhouse, folded("clickhouse"))
    assert clickhouse_store.migrate(empty_clickhouse) == ["schema", *changes("clickhouse")]
    assert clickhouse_store.migrate(empty_clickhouse) == []


def test_a_database_of_a_newer_version_is_used_unless_that_version_says_otherwise(
    pool: Pool, empty_clickhouse: Client
) -> None:
    with pool.connection() as connection:
        connection.execute("INSERT INTO schema_migrations (name) VALUES ('9998_books')")
    assert postgres_store.migrate(pool) == []
    with pool.connection() as connection:
        connection.execute("INSERT INTO schema_migrations (name) VALUES ('9999_breaks_shelves')")
    refused = (
        r"was migrated by a newer version, beside which this one cannot work \(9999_breaks_shelves\)\. Start"
    )
    with pytest.raises(SettingError, match=f"PostgreSQL {refused}"):
        postgres_store.migrate(pool)

    clickhouse_store.migrate(empty_clickhouse)
    names = [["9998_books"], ["9999_breaks_shelves"]]
    empty_clickhouse.insert("schema_migrations", names, column_names=["name"])
    with pytest.raises(SettingError, match=f"ClickHouse {refused}"):
        clickhouse_store.migrate(empty_clickhouse)


def test_databases_of_an_older_version_are_refused_in_one_sentence(
    pool: Pool, empty_clickhouse: Client
) -> None:
    refused = r"holds an older schema that this version cannot update \(schema_too_old\)\. Start with empty"
    record(pool, folded("postgres")[:-1])
    with pytest.raises(SettingError, match=f"PostgreSQL {refused}"):
        postgres_store.migrate(pool)

    clickhouse_store.migrate(empty_clickhouse)
    record_in_clickhouse(empty_clickhouse, folded("clickhouse")[1:])
    with pytest.raises(SettingError, match=f"ClickHouse {refused}"):
        clickhouse_store.migrate(empty_clickhouse)
