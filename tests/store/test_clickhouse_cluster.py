"""ClickHouse as a cluster: the statements for it, one node of it, and what that node asks of the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.rollups import Rollups
from coursepulse.aggregates.work_tables import Desk
from coursepulse.bench.gateway import Gateway
from coursepulse.kit.errors import SettingError
from coursepulse.store.clickhouse.cluster import SHARDING, ClusterStatements, find_sharded
from coursepulse.store.clickhouse.connect import migrate, open_clickhouse, split_statements
from coursepulse.store.clickhouse.withdrawal import remove_events
from coursepulse.store.schema import Schema
from tests.metrics.small_course import events
from tests.support.clickhouse import migrated_database
from tests.support.shards import Heard, hear

STATEMENTS = [
    statement
    for text in Schema("coursepulse.store.clickhouse", "ClickHouse").texts()
    for statement in split_statements(text)
]
SHARDED = find_sharded(STATEMENTS)
IN_MEMORY = re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)[^;]*?ENGINE = Memory", "\n;".join(STATEMENTS))
SPREAD = ClusterStatements("campus", "data", SHARDED)


@pytest.fixture
def client(cluster_gateway: Gateway) -> Iterator[Client]:
    with migrated_database(cluster_gateway.url(), "campus") as client:
        yield client


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> list[Heard]:
    """What each statement of the product makes a node ask of two shards."""
    return hear(tmp_path_factory.mktemp("shards"))


def count(client: Client, table: str) -> int:
    return int(client.query(f"SELECT count() FROM {table}").result_rows[0][0])


# The statements


def test_a_table_about_students_is_replicated_in_its_shard_and_found_under_its_name() -> None:
    text = "-- Who.\nCREATE TABLE IF NOT EXISTS students\n(\n    student_id UUID,\n    version UInt64\n)\n"
    assert SPREAD.statements(text + "ENGINE = ReplacingMergeTree(version)\nORDER BY student_id") == [
        "CREATE TABLE IF NOT EXISTS students_local ON CLUSTER campus\n(\n    student_id UUID,\n    version UInt64\n)\n"
        "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)\n"
        "ORDER BY student_id",
        "CREATE TABLE IF NOT EXISTS students ON CLUSTER campus AS students_local\n"
        f"ENGINE = Distributed('campus', 'data', 'students_local', {SHARDING})",
    ]


def test_a_table_about_no_student_is_whole_on_every_node() -> None:
    text = "CREATE TABLE IF NOT EXISTS frozen_days\n(\n    day Date\n)\nENGINE = ReplacingMergeTree\nORDER BY day"
    assert SPREAD.statements(text) == [
        "CREATE TABLE IF NOT EXISTS frozen_days ON CLUSTER campus\n(\n    day Date\n)\n"
        "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}_{replica}')\n"
        "ORDER BY day"
    ]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "CREATE TABLE IF NOT EXISTS touched AS students ENGINE = Memory",
            ["CREATE TABLE IF NOT EXISTS touched ON CLUSTER campus AS students ENGINE = Memory"],
        ),
        (
            "DROP TABLE IF EXISTS {table:Identifier} SYNC",
            ["DROP TABLE IF EXISTS {table:Identifier} ON CLUSTER campus SYNC"],
        ),
        (
            "CREATE TABLE IF NOT EXISTS student_days AS student_course_days\nENGINE = MergeTree\nORDER BY day",
            [
                "CREATE TABLE IF NOT EXISTS student_days_local ON CLUSTER campus AS student_course_days_local\n"
                "ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')\n"
                "ORDER BY day",
                "CREATE TABLE IF NOT EXISTS student_days ON CLUSTER campus AS student_days_local\n"
                f"ENGINE = Distributed('campus', 'data', 'student_days_local', {SHARDING})",
            ],
        ),
        (
            "CREATE MATERIALIZED VIEW IF NOT EXISTS v TO enrolments AS\nSELECT at\nFROM events",
            [
                "CREATE MATERIALIZED VIEW IF NOT EXISTS v ON CLUSTER campus TO enrolments_local AS\n"
                "SELECT at\nFROM events_local"
            ],
        ),
        (
            "ALTER TABLE v MODIFY QUERY\nSELECT at FROM events",
            ["ALTER TABLE v ON CLUSTER campus MODIFY QUERY\nSELECT at FROM events_local"],
        ),
        (
            "CREATE VIEW IF NOT EXISTS w AS SELECT day FROM events FINAL",
            ["CREATE VIEW IF NOT EXISTS w ON CLUSTER campus AS SELECT day FROM events FINAL"],
        ),
        (
            "ALTER TABLE events ADD COLUMN IF NOT EXISTS x String",
            [
                "ALTER TABLE events_local ON CLUSTER campus ADD COLUMN IF NOT EXISTS x String",
                "ALTER TABLE events ON CLUSTER campus ADD COLUMN IF NOT EXISTS x String",
            ],
        ),
        (
            "ALTER TABLE course_lessons ADD COLUMN IF NOT EXISTS x String",
            ["ALTER TABLE course_lessons ON CLUSTER campus ADD COLUMN IF NOT EXISTS x String"],
        ),
        (
            "ALTER TABLE events DROP PARTITION {day:Date}",
            ["ALTER TABLE events_local ON CLUSTER campus DROP PARTITION {day:Date}"],
        ),
        (
            "DELETE FROM {table:Identifier} WHERE student_id IN (SELECT student_id FROM erasing)",
            [
                "DELETE FROM {table:Identifier} ON CLUSTER campus WHERE student_id IN "
                "(SELECT student_id FROM clusterAllReplicas('campus', 'data', 'erasing'))"
            ],
        ),
        ("KILL MUTATION WHERE NOT is_done", ["KILL MUTATION ON CLUSTER campus WHERE NOT is_done"]),
        (
            "DROP TABLE IF EXISTS {table:Identifier}",
            ["DROP TABLE IF EXISTS {table:Identifier} ON CLUSTER campus"],
        ),
        ("TRUNCATE TABLE touched_learners", ["TRUNCATE TABLE touched_learners"]),
        ("INSERT INTO events SELECT * FROM events", ["INSERT INTO events SELECT * FROM events"]),
        (
            "SELECT count() FROM system.parts",
            ["SELECT count() FROM clusterAllReplicas('campus', system.parts)"],
        ),
    ],
)
def test_other_statements_reach_every_node_that_they_concern(text: str, made: list[str]) -> None:
    assert SPREAD.statements(text) == made


def test_every_key_about_students_names_the_student() -> None:
    """So rows that replace each other lie in one shard, where FINAL sees them all."""
    made = {
        name: text for text in STATEMENTS for name in re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", text)
    }
    assert {"events", "student_days", "learner_courses", "not_agreed"} < SHARDED
    for name in SHARDED:
        (key,) = re.findall(r"ORDER BY (\(.*\)|\w+)", made[name])
        assert "student_id" in re.findall(r"\w+", key), name
    for name in made.keys() - SHARDED - set(IN_MEMORY):
        assert "student_id" not in made[name], name


# What a node asks of the shards


def test_no_shard_is_asked_about_a_table_in_the_memory_of_another_node(heard: list[Heard]) -> None:
    assert {"session_hours", "touched_learners", "touched_watch", "erasing"} <= set(IN_MEMORY)
    asked = [(one.name, text) for one in heard for text in one.asked]
    assert {"find_events", "find_parts", "write_courses", "course_summary"} <= {name for name, _ in asked}
    named = {
        (name, table)
        for name, text in asked
        for table in re.findall(r"\w+", text)
        if table in IN_MEMORY and not text.startswith("DESC")
    }
    assert named == set()


def test_no_shard_writes_what_it_has_read_by_itself(heard: list[Heard]) -> None:
    assert [one.name for one in heard for text in one.asked if re.match(r"INSERT\b.*\bSELECT\b", text)] == []


def test_every_statement_can_be_asked_of_a_cluster(heard: list[Heard]) -> None:
    # What the nodes know of themselves is asked of all of them, and these two have no answer.
    no_answer = "All attempts to get table structure failed"
    assert [(one.name, one.error) for one in heard if one.error and no_answer not in one.error] == []
    assert len(heard) > 200


# One node


def test_the_schema_is_made_once(client: Client) -> None:
    assert migrate(client) == []
    made = client.query(
        "SELECT name, engine FROM system.tables WHERE database = currentDatabase()"
    ).result_rows
    engines = {str(name): str(engine) for name, engine in made}
    assert {name for name, engine in engines.items() if engine == "Distributed"} == SHARDED
    assert {name for name, engine in engines.items() if name.endswith("_local")} == {
        f"{name}_local" for name in SHARDED
    }


def test_events_are_withdrawn_and_days_frozen_where_their_rows_are(client: Client) -> None:
    rollups, log = Rollups(client), events()
    rollups.refresh(log, 1)
    assert count(client, "events") == len({event.event_id for event in log})
    rollups.take_back(log[:2], renewing=True)
    assert count(client, "events_local") == len(log) - 2
    day = date(2026, 3, 2)
    on_it = int(
        client.query(
            "SELECT count() FROM events WHERE toDate(at) = {day:Date}", parameters={"day": day}
        ).result_rows[0][0]
    )
    rollups.freeze([day])
    assert on_it > 0
    assert count(client, "events_local") == len(log) - 2 - on_it
    [(event, moment)] = client.query("SELECT event_id, toDate(at) FROM events LIMIT 1").result_rows
    remove_events(client, [event], [moment])
    assert count(client, "events") == len(log) - 3 - on_it


def test_a_worker_has_work_tables_of_its_own(client: Client) -> None:
    Desk("a1").lay(client)
    assert count(client, "touched_learners_a1") == 0
    client.command("DROP TABLE touched_learners_a1")


@pytest.mark.parametrize(
    ("url", "name"), [("chdb:///nowhere", "campus"), ("http://127.0.0.1:9/data", "campus; DROP TABLE events")]
)
def test_a_cluster_needs_a_node_and_a_name(url: str, name: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_CLICKHOUSE_CLUSTER"):
        open_clickhouse(url, 512, name)
