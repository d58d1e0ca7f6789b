"""The tables that Superset reads: numbers of the metrics, nobody outside of a class, nothing about a few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg.errors import InsufficientPrivilege

from coursepulse.access.viewer import Role, Viewer
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.run import Metrics
from coursepulse.privacy.small_groups import SUPPRESSED, SmallGroups
from coursepulse.store.postgres.connect import open_pool
from coursepulse.superset.bundle import sql_type
from coursepulse.superset.datasets import DATA_SETS, DataSet, course_key
from coursepulse.superset.tables import STAFF
from tests.superset.class_world import LARGE, NOW, SMALL, fill, rows_of, tables_of
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

ADMIN = Viewer(role=Role.ADMIN, subject="account:admin")


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        fill(world)
        assert tables_of(world).renew().endswith("rows about 2 courses are ready for Superset.")
        yield world


def asked(world: World, dataset: DataSet, viewer: Viewer, course: str = "") -> list[dict[str, Any]]:
    """The answers of the metrics to the questions of a table."""
    start = NOW.date() - timedelta(days=dataset.days - 1) if dataset.days else None
    return [
        row | {"step": step}
        for step in dataset.steps or ("week",)
        for row in world.ask(dataset.metric, viewer=viewer, course=course, start=start, step=step)
    ]


def numbers(dataset: DataSet, rows: list[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Every value that comes from the metric, row by row."""
    metric = METRICS[dataset.metric]
    of_course = {"title"} if metric.titled == "course_id" else set[str]()
    shown = {each.name for each in dataset.columns}
    names = [each.name for each in metric.columns if each.name in shown - of_course]
    found = [tuple(_plain(row[name], row, name) for name in names) for row in rows]
    return sorted(found, key=str)


def _plain(value: Any, row: Mapping[str, Any], name: str) -> Any:
    if name == "title" and not value:
        return next(row[key] for key in ("lesson_id", "video_id", "assessment_id") if key in row)
    return str(value) if isinstance(value, date) else value


@pytest.mark.parametrize("dataset", DATA_SETS, ids=lambda each: each.name)
def test_every_number_is_that_of_the_metrics(world: World, dataset: DataSet) -> None:
    for course in (LARGE, SMALL) if dataset.by_course else ("",):
        where = {"shown_to": "platform"} | ({"course_id": course} if course else {})
        kept = rows_of(world.pool, dataset.name, **where)
        answer = asked(world, dataset, ADMIN, course)
        assert numbers(dataset, kept) == numbers(dataset, list(answer))
        assert sum(row["hidden"] for row in kept) == sum(row[SUPPRESSED] for row in answer)


def test_the_large_course_has_numbers_and_the_small_one_none(world: World) -> None:
    (large,) = rows_of(world.pool, "course_totals", course_id=LARGE, shown_to="platform")
    (small,) = rows_of(world.pool, "course_totals", course_id=SMALL, shown_to="platform")
    assert large["active_learners"] in (20, 25)
    assert not large["hidden"]
    dataset = next(each for each in DATA_SETS if each.name == "course_totals")
    assert small["hidden"]
    assert {small[each.name] for each in dataset.numbers} == {None}
    for name in ("course_days", "course_lessons", "course_videos", "course_assessments"):
        assert rows_of(world.pool, name, course_id=LARGE, shown_to="teachers"), name
        assert not rows_of(world.pool, name, course_id=SMALL), name


def test_rows_for_teachers_count_nobody_outside_of_the_class(world: World) -> None:
    """With nothing hidden or rounded, they are what the teacher of the course is shown."""
    exact = World(world.clickhouse, world.pool, world.now)
    exact.groups = SmallGroups(1, b"")
    exact.metrics = Metrics(
        lambda: world.clickhouse,
        world.pool,
        lambda: world.now,
        pseudonym,
        world.trail,
        world.metrics._sources.relations,
        exact.groups,
        world.metrics._sources.points,
    )
    teacher = Viewer(role=Role.INSTRUCTOR, subject="account:t", course_ids=frozenset({LARGE}))
    try:
        tables_of(exact).renew()
        for dataset in (each for each in DATA_SETS if each.by_course):
            kept = rows_of(world.pool, dataset.name, course_id=LARGE, shown_to="teachers")
            assert numbers(dataset, kept) == numbers(dataset, list(asked(exact, dataset, teacher, LARGE)))
        of_all, of_class = (
            rows_of(world.pool, "course_days", course_id=LARGE, shown_to=each, day=date(2026, 3, 3))[0]
            for each in ("platform", "teachers")
        )
        assert (of_all["active_learners"], of_class["active_learners"]) == (24, 23)
    finally:
        tables_of(world).renew()


def test_without_consent_a_student_is_in_no_number(world: World) -> None:
    for student in [pseudonym(f"s-{number}") for number in range(1, 22)]:
        world.clickhouse.insert("not_agreed", [(str(world.uuid(student)), 41, 0)])
    try:
        tables_of(world).renew()
        (large,) = rows_of(world.pool, "course_totals", course_id=LARGE, shown_to="teachers")
        # Two are left in the class, who are too few to be spoken of.
        assert not large["active_learners"]
        assert not rows_of(world.pool, "course_days", course_id=LARGE, shown_to="teachers")
    finally:
        for student in [pseudonym(f"s-{number}") for number in range(1, 22)]:
            world.clickhouse.insert("not_agreed", [(str(world.uuid(student)), 42, 1)])
        tables_of(world).renew()


def test_looking_is_in_the_trail(world: World) -> None:
    with world.pool.connection() as connection:
        found = connection.execute(
            "SELECT DISTINCT actor, purpose FROM audit_trail WHERE actor = %s", ("job:superset",)
        )
        assert found.fetchall() == [(STAFF.subject, STAFF.purpose)]


def test_the_tables_have_the_columns_that_are_declared(world: World) -> None:
    with world.pool.connection() as connection:
        found = connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'superset' ORDER BY table_name, ordinal_position"
        ).fetchall()
    told = [(each.name, column.name, sql_type(column)) for each in DATA_SETS for column in each.columns]
    assert found == sorted(told, key=lambda row: row[0])


def test_courses_are_named_by_keys_and_titles(world: World) -> None:
    for row in rows_of(world.pool, "courses"):
        assert row["course_key"] == course_key(row["course_id"])
        assert row["course"] == f"The {row['course_id']} one ({row['course_id']})"


def test_superset_is_emptied_where_it_is_off(world: World) -> None:
    try:
        assert tables_of(world).clear() == "Superset is off: its tables are empty."
        assert not any(rows_of(world.pool, each.name) for each in DATA_SETS)
    finally:
        tables_of(world).renew()


def test_the_role_of_superset_reads_these_tables_and_no_other(world: World) -> None:
    with world.pool.connection() as connection:
        tables = connection.execute(
            "SELECT oid::regclass::text, relnamespace::regnamespace::text FROM pg_class "
            "WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace::regnamespace::text IN ('public', 'superset')"
        ).fetchall()
        assert {schema for _, schema in tables} == {"public", "superset"}
        for name, schema in tables:
            rights = "SELECT has_table_privilege('coursepulse_superset', %s, %s)"
            reads = connection.execute(rights, (name, "SELECT")).fetchone()
            writes = connection.execute(rights, (name, "INSERT, UPDATE, DELETE, TRUNCATE")).fetchone()
            assert (reads, writes) == ((schema == "superset",), (False,)), name
        functions = connection.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef "
            "AND has_function_privilege('coursepulse_superset', oid, 'EXECUTE')"
        ).fetchall()
        assert functions == []
        others = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname <> 'coursepulse_superset' "
            "AND pg_has_role('coursepulse_superset', oid, 'MEMBER')"
        ).fetchall()
        assert others == []
        connection.execute("SET ROLE coursepulse_superset")
        try:
            with pytest.raises(InsufficientPrivilege):
                connection.execute("SELECT count(*) FROM people")
            with pytest.raises(InsufficientPrivilege):
                connection.execute("DELETE FROM superset.courses")
        finally:
            connection.execute("RESET ROLE")
