"""What a platform says of an event stands in the columns that analysts read, by the way that every event takes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.rollups import Rollups
from coursepulse.kit.ids import to_bytes
from coursepulse.log.positions import start
from coursepulse.privacy.anonymise import anonymise_event
from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.store.clickhouse.erasure import ClickhouseErasure
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.erasure import PostgresErasure
from coursepulse.store.postgres.raw import PostgresRawStore
from tests.collect.harness import NOW, CollectorHarness, collector_harness, event, micros
from tests.metrics.rollup_rows import plain

WATCHED = {
    "current_time": 12.5,
    "video_duration": 300.0,
    "playback_rate": 1.5,
    "video_quality": "720p",
    "buffer_health": 8.25,
}


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorHarness]:
    with collector_harness(tmp_path) as built:
        yield built


def take_in(collector: CollectorHarness, clickhouse: Client, pool: Pool) -> None:
    """What the log holds, into both stores."""
    written = PostgresRawStore(pool).write(collector.log.read(start(), 1 << 30))
    Rollups(clickhouse).refresh(written.fresh, 1)


def watch(number: int, kind: str, **payload: Any) -> dict[str, Any]:
    where = {"course_id": "algebra", "lesson_id": "lesson-1", "video_id": "intro"}
    return event(event_id=f"e-{number}", event_type=kind, context=where, payload=payload)


def test_every_column_of_the_video_events(
    collector: CollectorHarness, clickhouse: Client, pool: Pool
) -> None:
    collector.send(
        watch(1, "video_pause", **WATCHED),
        watch(2, "video_seek", from_time=12.5, to_time=90.0),
        watch(3, "video_play"),
        event(event_id="e-4"),
    )
    take_in(collector, clickhouse, pool)
    found = clickhouse.query("SELECT * FROM student_video_events ORDER BY event_type")
    pause, play, seek = (dict(zip(found.column_names, row, strict=True)) for row in found.result_rows)
    assert {name: plain(value) for name, value in pause.items()} == WATCHED | {
        "event_id": to_bytes("e-1", "event"),
        "student_id": collector.names.of("ann"),
        "course_id": "algebra",
        "lesson_id": "lesson-1",
        "video_id": "intro",
        "event_type": "video_pause",
        "event_timestamp": micros(NOW),
        "session_id": to_bytes("visit-1", "session"),
    }
    assert (seek["event_type"], seek["current_time"]) == ("video_seek", 90.0)
    said_nothing = dict.fromkeys(WATCHED) | {"video_quality": ""}
    assert {name: play[name] for name in WATCHED} == said_nothing


def countries(clickhouse: Client, pool: Pool) -> tuple[list[Any], list[Any]]:
    """What the raw events of PostgreSQL and of ClickHouse say."""
    query = b"SELECT country_code FROM student_activity_events ORDER BY 1"
    with pool.connection() as connection:
        stored = [country for (country,) in connection.execute(query)]
    found = clickhouse.query("SELECT country FROM events FINAL ORDER BY country").result_rows
    return stored, [country for (country,) in found]


def test_the_country_that_a_platform_says(
    collector: CollectorHarness, clickhouse: Client, pool: Pool
) -> None:
    collector.send(event(country="DE"), event(event_id="e-2", country=""), event(event_id="e-3"))
    take_in(collector, clickhouse, pool)
    assert countries(clickhouse, pool) == (["DE", None, None], ["", "", "DE"])


@pytest.mark.parametrize("country", ["de", "DEU", "D", "DE\n", "D1", "ÄÖ", 49])
def test_what_is_no_country_is_refused(collector: CollectorHarness, country: object) -> None:
    [verdict] = collector.send(event(country=country))["rejected"]
    assert (verdict["reason"], verdict["path"]) == ("invalid_value", "$.country")
    assert verdict["sentence"].startswith("Send text ")
    assert collector.stored() == []


def test_an_erasure_takes_the_country_away(
    collector: CollectorHarness, clickhouse: Client, pool: Pool
) -> None:
    collector.send(event(country="DE"))
    take_in(collector, clickhouse, pool)
    who = DataSubject(student=collector.names.of("ann"), replacement=bytes(range(16)), salt="salt")
    PostgresErasure(pool, UUID(int=1)).erase(who, ErasureMode.ANONYMISE)
    ClickhouseErasure(clickhouse).erase(who, ErasureMode.ANONYMISE)
    assert countries(clickhouse, pool) == ([None], [""])
    assert [anonymise_event(kept, who).country for kept in collector.stored()] == [""]


#: What one event of each kind says, and the columns that say it.
MORE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "payment_completed": ({"amount": 19.99, "currency": "EUR"}, {"amount": Decimal("19.9900"), "currency": "EUR"}),
    "payment_refunded": ({"amount": 2_500_000.015}, {"amount": Decimal("2500000.0150"), "currency": "USD"}),
    "forum_reply": ({"thread_id": "t-1"}, {"thread_id": "t-1"}),
    "live_session_join": ({"live_session_id": "class-1"}, {"live_session_id": "class-1"}),
    "quiz_answer": ({"question_id": "q1", "answer_id": "b"}, {"answer_id": "b"}),
    "interactive_attempt": (
        {"interactive_id": "lab", "answer_id": "c"},
        {"interactive_id": "lab", "answer_id": "c"},
    ),
    "session_start": ({}, {}),
}  # fmt: skip
BLANK: dict[str, Any] = {
    **dict.fromkeys(("answer_id", "thread_id", "live_session_id", "interactive_id", "currency"), ""),
    "amount": Decimal(0),
}


def more_of_events(clickhouse: Client) -> dict[str, dict[str, Any]]:
    """What the columns of each event say, by its type."""
    found = clickhouse.query(f"SELECT event_type, {', '.join(BLANK)} FROM events FINAL")
    return {row[0]: dict(zip(BLANK, row[1:], strict=True)) for row in found.result_rows}


def test_payments_threads_classes_and_choices(
    collector: CollectorHarness, clickhouse: Client, pool: Pool
) -> None:
    sent = [event(event_id=f"m-{kind}", event_type=kind, payload=said) for kind, (said, _) in MORE.items()]
    collector.send(*sent)
    take_in(collector, clickhouse, pool)
    assert more_of_events(clickhouse) == {kind: BLANK | columns for kind, (_, columns) in MORE.items()}
    choices = clickhouse.query("SELECT question_id, answer_id FROM quiz_answers").result_rows
    assert list(choices) == [("q1", "b")]


def test_an_erasure_takes_the_thread_away_and_leaves_what_names_nobody(
    collector: CollectorHarness, clickhouse: Client, pool: Pool
) -> None:
    collector.send(
        event(event_type="forum_post", payload={"thread_id": "ask-ann"}),
        event(event_id="e-2", event_type="quiz_answer", payload={"answer_id": "b"}),
    )
    take_in(collector, clickhouse, pool)
    who = DataSubject(student=collector.names.of("ann"), replacement=bytes(range(16)), salt="salt")
    ClickhouseErasure(clickhouse).erase(who, ErasureMode.ANONYMISE)
    kept = more_of_events(clickhouse)
    assert (kept["forum_post"]["thread_id"], kept["quiz_answer"]["answer_id"]) == ("", "b")
    logged = [anonymise_event(each, who) for each in collector.stored()]
    assert [(each.thread_id, each.answer_id) for each in logged] == [("", ""), ("", "b")]
