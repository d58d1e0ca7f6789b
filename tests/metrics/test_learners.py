"""The rollups of learners: any order, a lost turn, a video of another length, a list of lessons that grows."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, MINUTE, Micros
from tests.metrics.rollup_rows import Row, empty_tables, snapshot
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import START, STUDENTS, event_logs
from tests.support.long import examples

ANN, BOB, _ = STUDENTS
TABLES = ("learner_courses", "learner_watch")


@pytest.fixture(scope="module")
def database(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@pytest.fixture
def client(database: Client) -> Client:
    empty_tables(database)
    return database


def take_in(client: Client, events: list[Event], version: int, *, follow: bool = True) -> None:
    """One batch, and the turn of the learners that follows it, unless the process died in between."""
    renewed = Rollups(client).refresh(events, version)
    if follow:
        learners = LearnerRollups(client)
        learners.refresh(renewed.learners, version)
        learners.refresh_catalog(version)


def learners_of(client: Client) -> dict[str, list[Row]]:
    rows = snapshot(client)
    return {table: rows[table] for table in TABLES}


@examples(8)
@given(log=event_logs(), data=st.data())
def test_any_order_and_any_lost_turn_give_the_same_rows(
    database: Client, log: list[Event], data: st.DataObject
) -> None:
    empty_tables(database)
    take_in(database, log, 1)
    at_once = learners_of(database)

    empty_tables(database)
    events = data.draw(st.permutations(log))
    cut = data.draw(st.integers(0, len(events)))
    for version, batch in enumerate((events[:cut], events[cut:]), start=1):
        take_in(database, batch, version, follow=data.draw(st.booleans()))
    learners = LearnerRollups(database)
    learners.refresh_stale(3)
    learners.refresh_catalog(3)
    assert learners_of(database) == at_once


def test_a_late_event_in_one_course_ends_what_was_played_in_another(client: Client) -> None:
    video = play(1, ANN, START, 0.0, 600.0)
    later, late = (
        msgspec.structs.replace(play(n, ANN, START + at, 0.0, 600.0), course_id="c2")
        for n, at in ((2, 5 * MINUTE), (3, MINUTE))
    )
    take_in(client, [video, later], 1)
    assert watched(client, ANN)[0] == 300.0
    take_in(client, [late], 2)
    assert watched(client, ANN)[0] == 60.0


def play(
    number: int, student: bytes, at: Micros, position: float, duration: float, kind: str = "video_play"
) -> Event:
    return Event(
        *(number.to_bytes(16, "big"), kind, at, student, bytes([student[0]]) * 16),
        *("c1", "l1", "v1"),
        position=position,
        duration=duration,
    )


def watched(client: Client, student: bytes) -> tuple[float, float]:
    """Seconds covered at the end, and the length that they are measured against."""
    rows = [row for row in snapshot(client)["learner_watch"] if row[2] == student]
    return rows[0][4][-1][1], rows[0][3]


def test_a_greater_length_that_anybody_says_counts_for_everybody(client: Client) -> None:
    take_in(client, [play(1, ANN, START, 0, 60), play(2, ANN, START + MINUTE, 60, 60, "video_pause")], 1)
    assert watched(client, ANN) == (60, 60)
    take_in(client, [play(3, BOB, START, 0, 240), play(4, BOB, START + MINUTE, 60, 240, "video_pause")], 2)
    assert watched(client, ANN) == (60, 240)


def test_a_length_in_the_catalog_cuts_what_was_played_beyond(client: Client) -> None:
    take_in(client, [play(1, ANN, START, 0, 60), play(2, ANN, START + MINUTE, 60, 60, "video_pause")], 1)
    client.insert("course_videos", [("c1", "v1", "", 45.0, 1, 0)])
    try:
        assert LearnerRollups(client).refresh_catalog(2)
        assert watched(client, ANN) == (45, 45)
        assert not LearnerRollups(client).refresh_catalog(3)
    finally:
        client.command("TRUNCATE TABLE course_videos")


def test_rows_of_an_older_edition_are_made_again_at_a_start(client: Client) -> None:
    take_in(client, [play(1, ANN, START, 0, 60), play(2, ANN, START + MINUTE, 30, 60, "video_pause")], 1)
    made = learners_of(client)
    client.command(
        "INSERT INTO learner_courses SELECT * REPLACE ([] AS watched, 1 AS edition) FROM learner_courses FINAL"
    )
    client.command("OPTIMIZE TABLE learner_courses FINAL")
    assert learners_of(client) != made
    LearnerRollups(client).refresh_stale(1)
    assert learners_of(client) == made


def test_a_rebuild_drops_learners_without_any_day(client: Client) -> None:
    take_in(client, [play(1, ANN, START, 0, 60), play(2, BOB, START + DAY, 0, 60)], 1)
    for table in ("student_days", "student_course_days", "student_watch"):
        client.command(f"DELETE FROM {table} WHERE student_id = {{id:UUID}}", parameters={"id": BOB.hex()})
    LearnerRollups(client).rebuild(2)
    assert [row[1] for row in snapshot(client)["learner_courses"]] == [ANN]
