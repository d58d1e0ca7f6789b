"""What learners played of each video, as tables and drop-off say it, against the Python reference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, SECOND
from coursepulse.kit.ids import to_bytes, to_text
from coursepulse.metrics.finish.sittings import SITTINGS, list_videos
from coursepulse.metrics.query import Query
from coursepulse.metrics.readers import ROLLUP_QUERIES
from tests.metrics.rollup_rows import empty_tables, plain
from tests.reference.catalog import CourseCatalog
from tests.reference.coverage import repeated_seconds
from tests.reference.parts import parts
from tests.reference.video import WatchKey, collect_watches
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import START, STUDENTS, event_logs
from tests.support.long import examples

ANN = STUDENTS[0]

tens = st.integers(0, 6).map(lambda number: 10.0 * number)
pieces = st.lists(
    st.sampled_from([(0.0, 20.0), (0.0, 40.0), (20.0, 40.0), (10.0, 60.0)]), min_size=1, max_size=2
)


@pytest.fixture(scope="module")
def database(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@st.composite
def sittings(draw: st.DrawFn) -> list[Event]:
    """Few positions and up to five sessions: many of their reports contain each other."""
    log: list[Event] = []
    for number in range(draw(st.integers(3, 5))):
        at = START + draw(st.integers(0, 2)) * DAY + draw(st.integers(0, 3)) * 1000 * SECOND
        session = to_bytes(f"s{number}", "session")
        for kind, position in (("play", draw(tens)), ("pause", draw(tens))):
            told = tuple(draw(pieces)) if kind == "pause" else ()
            ident = to_bytes(f"e{len(log)}", "event")
            log.append(
                Event(
                    *(ident, f"video_{kind}", at, ANN, session, "c1"),
                    video_id="v1",
                    position=position,
                    segments=told,
                    duration=draw(st.sampled_from([None, None, 50.0])),
                )
            )
            at += 100 * SECOND
    return log


@examples(30)
@given(log=sittings() | event_logs())
def test_tables_and_drop_off_say_what_the_reference_says(database: Client, log: list[Event]) -> None:
    empty_tables(database)
    renewed = Rollups(database).refresh(log, 1)
    LearnerRollups(database).refresh(renewed.learners, 1)
    watches = {
        key: watch
        for key, watch in collect_watches(parts(log).values(), CourseCatalog()).items()
        if key.video.course_id and watch.segments
    }
    assert steps(database) == pytest.approx(
        {
            (*spelt(key), name): seconds
            for key, watch in watches.items()
            for name, seconds in (("once", watch.covered), ("twice", repeated_seconds(watch.segments)))
        }
    )
    assert segments(database) == {
        spelt(key): [pytest.approx(piece) for piece in watch.segments] for key, watch in watches.items()
    }
    for student in STUDENTS:
        assert of_student(database, student) == pytest.approx(
            {
                (*key.video, name): value
                for key, watch in watches.items()
                if key.student_id == student
                for name, value in (("covered", watch.covered), ("watched_pct", watch.percent))
            }
        )


def spelt(key: WatchKey) -> tuple[bytes, str, str]:
    return key.student_id, key.video.course_id, key.video.video_id


def steps(client: Client) -> dict[tuple[bytes, str, str, str], float]:
    """Seconds covered, and covered twice, at the end of the last day."""
    asked = "SELECT student_id, course_id, video_id, steps[-1].covered, steps[-1].repeated FROM learner_watch FINAL"
    rows = client.query(f"{asked} WHERE course_id != '' AND steps[-1].covered > 0").result_rows
    return {
        (*row[:3], name): seconds
        for row in map(plain, rows)
        for name, seconds in zip(("once", "twice"), row[3:], strict=True)
    }


def segments(client: Client) -> dict[tuple[bytes, str, str], list[tuple[float, float]]]:
    rows = client.query(
        "SELECT student_id, course_id, video_id, arraySort(segments) FROM"
        " learner_segments(courses = {courses:Array(String)}, students = {students:Array(UUID)}, end = {end:Date})",
        parameters={"courses": ["c1", "c2"], "students": [], "end": date(2026, 5, 1)},
    ).result_rows
    return {row[:3]: list(row[3]) for row in map(plain, rows)}


def of_student(client: Client, student: bytes) -> dict[tuple[str, str, str], float | None]:
    """The same as the metric about one student works it out, from the sittings themselves."""
    values = {"student": to_text(student), "courses": ["c1", "c2"], "end": date(2026, 5, 1)}
    answer = client.query(ROLLUP_QUERIES[SITTINGS], parameters=values, tz_mode="aware")
    rows = [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]
    found = list_videos({SITTINGS: rows}, Query(metric="student_videos"))
    return {
        (row["course_id"], row["video_id"], name): row[name]
        for row in found
        for name in ("covered", "watched_pct")
    }
