"""No table with something about students is missing from the lists that erasure and export go by."""

from __future__ import annotations

from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.kit.clock import system_clock
from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.store.clickhouse import exports as clickhouse_exports
from coursepulse.store.clickhouse.erasure import HOLDINGS as CLICKHOUSE
from coursepulse.store.clickhouse.erasure import IN_MEMORY
from coursepulse.store.postgres import exports as postgres_exports
from coursepulse.store.postgres.changes import ChangesFeed
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.erasure import HOLDINGS as POSTGRES
from coursepulse.store.postgres.erasure import PostgresErasure

#: Columns that say who somebody is.
NAMES = ("student_id", "teacher_id", "external_id", "email", "learners")


def test_postgres_holdings_are_complete(pool: Pool) -> None:
    with pool.connection() as connection:
        rows = connection.execute(
            "SELECT DISTINCT c.table_name FROM information_schema.columns AS c "
            "JOIN information_schema.tables AS t USING (table_schema, table_name) "
            "WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = ANY(%s) "
            "AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(quote_ident(c.table_name)))",
            (list(NAMES),),
        ).fetchall()
    assert {table for (table,) in rows} == {holding.table for holding in POSTGRES}


def test_clickhouse_holdings_are_complete(clickhouse: Client) -> None:
    rows = clickhouse.query(
        "SELECT table, engine, groupArray(c.name) FROM system.columns AS c "
        "INNER JOIN system.tables AS t ON t.database = c.database AND t.name = c.table "
        "WHERE c.database = currentDatabase() AND t.engine NOT IN ('View', 'MaterializedView', 'Null') "
        "GROUP BY table, engine HAVING has(groupArray(c.name), 'student_id')"
    ).result_rows
    assert {table for table, engine, _ in rows if engine == "Memory"} == set(IN_MEMORY)
    stored = {table: "session_id" in columns for table, engine, columns in rows if engine != "Memory"}
    assert stored == {holding.table: holding.sessions for holding in CLICKHOUSE}


def test_what_is_erased_is_exported() -> None:
    same_rows = {"events", "student_days", "active_days", "student_watch", "not_agreed", "roster_enrolments"}
    assert {holding.table for holding in CLICKHOUSE} - same_rows == set(clickhouse_exports.TABLES)
    assert len(postgres_exports.TABLES) == len(POSTGRES)


@pytest.mark.parametrize("mode", ErasureMode)
def test_what_processes_tell_each_other_names_nobody_who_was_erased(pool: Pool, mode: ErasureMode) -> None:
    gone, other, random = (uuid4().bytes for _ in range(3))
    feed, now = ChangesFeed(pool), system_clock()
    before = feed.newest()
    feed.note("followed", [("maths", other), ("maths", gone), ("history", gone)], now)
    feed.note("followed", [("maths", other)], now)
    # Other processes have still to hear of this.
    feed.note("erased", [("", gone)], now)
    who = DataSubject(student=gone, replacement=random, salt="salt")
    lines = {line.store: line.rows for line in PostgresErasure(pool, uuid4()).erase(who, mode)}
    assert lines["PostgreSQL changed_keys"] == 1
    assert [row.learners for row in feed.after(before)] == [
        {("maths", other), ("maths", random), ("history", random)},
        {("maths", other)},
        {("", gone)},
    ]
