"""Numbers to date, now and on any past day, against the Python reference; and rows older than their steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coursepulse.definitions.risk import judge_risk
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, from_micros, utc_date
from coursepulse.store.clickhouse.connect import migrate
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import ANN, COURSE, fill
from tests.reference.course_metrics import course_metrics
from tests.reference.risk_inputs import gather_inputs
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import CATALOG, START, STUDENTS, event_logs
from tests.support.long import examples
from tests.support.postgres import Server
from tests.support.schemas import schema_of

close = pytest.approx

#: The columns that the first version of a row did not have.
#: The columns that the database computes, as a migration that adds them.
COMPUTED = """
SELECT format('ALTER TABLE learner_courses ADD COLUMN {} {} MATERIALIZED {};', name, type, default_expression)
FROM system.columns
WHERE database = currentDatabase() AND table = 'learner_courses' AND default_kind = 'MATERIALIZED'
ORDER BY position
"""
STEPS = ("assessments", "steps", "bests", "handed_in", "declared_at", "enrolled_at")


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        yield World(client, pool, START)


def begin(world: World, log: list[Event]) -> None:
    """A campus with nothing in it but this log, asked when all of it has happened."""
    empty_tables(world.clickhouse)
    world.enrol_people({})
    world.know(CATALOG)
    world.take_in(log)
    world.now = max(event.at for event in log)


@examples(20)
@given(log=event_logs(), later=st.sampled_from([1, 5, 9, 20, 40]))
def test_lists_and_students_pages_judge_by_the_one_rule(world: World, log: list[Event], later: int) -> None:
    # The reference takes the events of one course alone, and a session may end a video of it in another.
    log = [event for event in log if event.course_id == "c1"]
    assume(log)
    begin(world, log)
    world.now += later * DAY
    inputs = gather_inputs(log, CATALOG, "c1", world.now)
    wanted = {student: plain(judge_risk(each)) for student, each in inputs.items()}
    assert {row["student_id"].bytes: verdict(row) for row in world.ask("course_risk", course="c1")} == wanted
    own = {student: world.ask("student_risk", student=student, course="c1") for student in STUDENTS}
    assert {student: verdict(rows[0]) for student, rows in own.items() if rows} == wanted


def plain(risk: Any) -> tuple[Any, ...]:
    return risk.score, risk.bucket, [tuple(reason) for reason in risk.reasons]


def verdict(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["risk_score"], row["bucket"], [tuple(reason) for reason in row["reasons"]]


@examples(10)
@given(log=event_logs())
def test_a_past_day_says_what_was_reached_by_then(world: World, log: list[Event]) -> None:
    begin(world, log)
    for key, reached in course_metrics(log, CATALOG).items():
        rows = world.ask("course_students", course=key.course_id, end=key.day + timedelta(days=1))
        for row in rows:
            if row["student_id"].bytes == key.student_id:
                latest = reached.last_activity_at
                assert row["completion_pct"] == close(reached.completion_pct)
                assert row["watched_pct"] == close(reached.video_watch_pct_avg)
                assert row["last_activity_at"] == (latest and from_micros(latest))


def test_rows_from_before_an_update_have_their_numbers_at_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_tables(world.clickhouse)
    fill(world)
    asked = ("course_students", "course_summary", "course_assessments")
    before = [world.ask(name, course=COURSE) for name in asked]
    own = world.ask("student_summary", student=ANN, end=utc_date(world.now) - timedelta(days=2))
    columns = world.clickhouse.query(COMPUTED).result_rows
    for column in STEPS:
        world.clickhouse.command(f"ALTER TABLE learner_courses DROP COLUMN {column}")
    schema = schema_of(tmp_path, monkeypatch, **{"0001_steps": "\n".join(row[0] for row in columns)})

    assert migrate(world.clickhouse, schema) == ["0001_steps"]
    assert [world.ask(name, course=COURSE) for name in asked] == before
    assert world.ask("student_summary", student=ANN, end=utc_date(world.now) - timedelta(days=2)) == own
