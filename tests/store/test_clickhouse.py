from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from uuid import UUID

import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.kit.errors import SettingError, StoreRejected, StoreUnavailable
from coursepulse.store.clickhouse.connect import migrate, open_clickhouse, split_statements, translate_errors

OPEN = """
import sys

from coursepulse.kit.errors import SettingError
from coursepulse.store.clickhouse.connect import open_clickhouse
try:
    open_clickhouse(sys.argv[1], 512)
except SettingError as error:
    print(error)
"""


def test_migrations_are_applied_once_and_recorded(empty_clickhouse: Client) -> None:
    folder = files("coursepulse.store.clickhouse") / "migrations"
    changes = (entry.name.removesuffix(".sql") for entry in folder.iterdir() if entry.name.endswith(".sql"))
    names = ["schema", *sorted(changes)]
    assert migrate(empty_clickhouse) == names
    assert migrate(empty_clickhouse) == []
    recorded = empty_clickhouse.query("SELECT name FROM schema_migrations").result_rows
    assert sorted(name for (name,) in recorded) == sorted(names)


def test_clients_of_one_folder_share_it(empty_clickhouse: Client, clickhouse_url: str) -> None:
    empty_clickhouse.command("CREATE TABLE shared (id UUID) ENGINE = MergeTree ORDER BY id")
    empty_clickhouse.insert_arrow("shared", pa.table({"id": pa.array([bytes(range(16))], pa.binary(16))}))
    other = open_clickhouse(clickhouse_url, memory_mb=512)
    found = other.query(f"SELECT id FROM {empty_clickhouse.database}.shared").result_rows
    other.close()
    assert found == [(UUID(bytes=bytes(range(16))),)]


def test_another_process_is_told_who_has_the_folder(empty_clickhouse: Client, clickhouse_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN, clickhouse_url], capture_output=True, text=True, check=True
    )
    (line,) = done.stdout.splitlines()
    assert "in use by a running coursepulse (process " in line


def test_memory_is_bounded(empty_clickhouse: Client) -> None:
    limit = "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'"
    assert empty_clickhouse.query(limit).result_rows == [(str(512 << 20),)]
    with pytest.raises(StoreUnavailable, match="memory limit exceeded"), translate_errors():
        empty_clickhouse.query(
            "SELECT length(groupArray(repeat('x', 1000) || toString(number))) FROM numbers(1000000)"
        )
    assert empty_clickhouse.query("SELECT 1").result_rows == [(1,)]


@pytest.mark.parametrize(
    "url",
    [
        *("mysql://host/", "chdb://relative", "chdb:///", ""),
        *("http:///events", "http://host:99999/x", "http://host:port/x", "http://[::1/x"),
    ],
)
def test_a_wrong_address_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_CLICKHOUSE"):
        open_clickhouse(url, memory_mb=512)


def test_nobody_at_the_address_is_an_outage_said_in_one_short_line() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_clickhouse("http://user:secret@127.0.0.1:9/default", memory_mb=512)
    assert str(caught.value) == "COURSEPULSE_CLICKHOUSE at 127.0.0.1: no answer (Connection refused)"


def test_rows_are_to_blame_for_values_that_do_not_fit(empty_clickhouse: Client) -> None:
    empty_clickhouse.command("CREATE TABLE strict (id UUID) ENGINE = MergeTree ORDER BY id")
    with pytest.raises(StoreRejected), translate_errors():
        empty_clickhouse.command("INSERT INTO strict VALUES ('x')")


def test_rows_are_not_to_blame_for_a_missing_table(empty_clickhouse: Client) -> None:
    with pytest.raises(StoreUnavailable), translate_errors():
        empty_clickhouse.query("SELECT * FROM nowhere")


def test_statements_end_at_a_semicolon_that_ends_a_line() -> None:
    first = "-- Two tables.\nCREATE TABLE a -- not here; nor here\n(x String DEFAULT ';')"
    assert split_statements(f"{first};\n\nCREATE TABLE b;\n-- end\n") == [first, "CREATE TABLE b"]
    assert split_statements("-- nothing\n") == []
