"""Item analysis, the state of work and discussions of a course, against references and by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.rollups import Rollups
from coursepulse.definitions.items import judge_item
from coursepulse.events.event import Event
from coursepulse.kit.clock import MINUTE, to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.metrics.readers import ROLLUP_QUERIES
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import BEN, COURSE
from tests.metrics.test_queries_course import moment, select, world
from tests.reference.items import Item, items
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import START, event_logs
from tests.support.long import examples

__all__ = ["world"]

close = pytest.approx


@pytest.fixture(scope="module")
def database(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@st.composite
def sittings(draw: st.DrawFn) -> list[Event]:
    """A class at a quiz of a few questions: some leave questions out, some answer twice."""
    log: list[Event] = []
    for number in range(draw(st.integers(8, 24))):
        student = to_bytes(f"s{number}", "student")
        for question, correct in draw(
            st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([True, False, None])), max_size=6)
        ):
            log.append(
                Event(
                    *(
                        to_bytes(f"e{len(log)}", "event"),
                        "quiz_answer",
                        START + len(log) * MINUTE,
                        student,
                        student,
                        "c1",
                    ),
                    assessment_id="q1",
                    question_id=question,
                    correct=correct,
                )
            )
    return log


@examples(30)
@given(log=sittings() | event_logs())
def test_items_say_what_the_reference_says(database: Client, log: list[Event]) -> None:
    empty_tables(database)
    Rollups(database).refresh(log, 1)
    values = {"course": "c1", "end": date(2030, 1, 1), "apart": []}
    rows = RollupReader(lambda: database, ROLLUP_QUERIES).rows("course_items", values)
    told = {
        (row["assessment_id"], row["question_id"]): Item(**{name: row[name] for name in Item._fields})
        for row in rows
    }
    expected = items(log, "c1")
    assert told.keys() == expected.keys()
    for key, item in expected.items():
        assert told[key] == close(item, abs=1e-6), key


@pytest.mark.parametrize(
    ("points", "verdict"),
    [(None, None), (-0.1, "check_key"), (0, "weak"), (20, "fair"), (30, "good"), (40, "very_good")],
)
def test_the_verdict_on_a_question(points: float | None, verdict: str | None) -> None:
    assert judge_item(points) == verdict


STATES = ("learners", "not_started", "in_work", "handed_in", "late", "graded", "overdue")


def test_everybody_is_in_one_state_of_each_assessment(world: World) -> None:
    (row,) = world.ask("course_work", course=COURSE)
    assert [row[name] for name in STATES] == [3, 1, 0, 0, 0, 2, 1]
    assert row["due_at"] == datetime(2026, 3, 6, tzinfo=UTC)
    # Before the due date nobody is overdue, and on the first day nobody had begun.
    (row,) = world.ask("course_work", course=COURSE, end=date(2026, 3, 2))
    assert [row[name] for name in STATES] == [4, 4, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("day", [date(2026, 3, 1) + timedelta(days=number) for number in range(12)])
def test_the_states_add_up_to_the_class(world: World, day: date) -> None:
    rows = world.ask("course_work", course=COURSE, end=day)
    (summary,) = world.ask("course_summary", course=COURSE, end=day)
    for row in rows:
        assert sum(row[name] for name in STATES[1:-1]) == row["learners"] == summary["learners_enrolled"]
        assert row["overdue"] <= row["not_started"] + row["in_work"]


def test_who_is_silent_in_discussions_is_told_apart(world: World) -> None:
    rows = world.ask("course_participation", course=COURSE)
    assert {row["voice"] for row in rows} == {"silent"}
    assert len(rows) == 3

    def forum(kind: str, day: int) -> Event:
        at = to_micros(moment(day, 13))
        return Event(to_bytes(f"{kind} {day}", "event"), kind, at, BEN, to_bytes("b9", "session"), COURSE)

    said = [forum("forum_post", 5), forum("forum_reply", 6), forum("forum_view", 7)]
    world.take_in(said)
    asked: dict[str, Any] = {"metric": "course_participation", "course": COURSE, "search": "ben"}
    columns = ("voice", "posts", "replies", "views", "last_on")
    assert select(world.ask(**asked), *columns) == [("writes", 1, 1, 1, date(2026, 3, 6))]
    later = world.ask(**asked, start=date(2026, 3, 7))
    assert select(later, *columns) == [("reads", 0, 0, 1, None)]


def test_work_is_in_work_handed_in_or_late(world: World) -> None:
    due = moment(6, 0)
    rows = [("works", "a1", "assignment", 60, due, 1, 0), ("works", "q1", "quiz", 60, due, 1, 0)]
    world.clickhouse.insert("course_assessments", rows)
    said = [
        ("s1", "quiz_start", 5, "q1"),
        ("s2", "assignment_submit", 5, "a1"),
        ("s3", "assignment_submit", 7, "a1"),
    ]
    world.take_in(
        [
            Event(
                *(to_bytes(who, "event"), kind, to_micros(moment(day, 13)), to_bytes(who, "student")),
                *(to_bytes(who, "session"), "works"),
                assessment_id=work,
            )
            for who, kind, day, work in said
        ]
    )
    told = {
        row["assessment_id"]: [row[name] for name in STATES]
        for row in world.ask("course_work", course="works")
    }
    assert told == {"a1": [3, 1, 0, 1, 1, 0, 1], "q1": [3, 2, 1, 0, 0, 0, 3]}

    owed = {
        row["student_id"]: (row["overdue"], row["assessment_id"], row["next_due_at"])
        for row in world.ask("course_open_work", course="works")
    }
    assert owed == {
        world.uuid(to_bytes("s1", "student")): (2, "", None),
        world.uuid(to_bytes("s2", "student")): (1, "", None),
        world.uuid(to_bytes("s3", "student")): (1, "", None),
    }
    # While it is still ahead, everybody who has not handed it in is told of the first that is due.
    before = world.ask("course_open_work", course="works", end=date(2026, 3, 6))
    assert {(row["overdue"], row["assessment_id"], row["next_due_at"]) for row in before} == {
        (0, "a1", due),
        (0, "q1", due),
    }
