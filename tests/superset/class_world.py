"""Two courses in real stores: one that is large enough to be shown, and one that is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from coursepulse.aggregates.readers import RollupReader
from coursepulse.events.decode import decode
from coursepulse.kit.clock import to_micros
from coursepulse.metrics.readers import ROLLUP_QUERIES
from coursepulse.metrics.rights import Rights
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.relations import Relations
from coursepulse.superset.held import SupersetSchema
from coursepulse.superset.tables import SupersetTables
from tests.support.campus_world import World
from tests.support.vectors import to_event

LARGE, SMALL = "large", "it's; small"
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)

#: Studied like everybody else, for longer, and left.
LEFT = "s-0"

LEARNERS = {LARGE: [f"s-{number}" for number in range(24)], SMALL: ["t-1", "t-2"]}


def fill(world: World) -> None:
    """Put both courses into both stores."""
    world.now = to_micros(NOW)
    for course in LEARNERS:
        world.title("courses", (course, f"The {course} one", None, None))
    sent = [each for course, students in LEARNERS.items() for s in students for each in _study(course, s)]
    sent.append(_event(LEFT, LARGE, "03-06 10:00:00", "course_unenroll"))
    decoded = decode(msgspec.json.encode(sent))
    assert not decoded.rejected
    world.take_in([to_event(each) for each in decoded.sent])


def _study(course: str, student: str) -> list[dict[str, Any]]:
    """A visit a day: enrolled on the first, at work on two more, one of them for longer by the one who leaves."""
    minutes = 50 if student == LEFT else 10
    work = [
        _event(student, course, "03-02 09:00:00", "lesson_start", "l1"),
        _event(student, course, "03-02 09:05:00", "lesson_complete", "l1"),
        _event(student, course, "03-02 09:06:00", "quiz_start", "q1"),
        _event(student, course, "03-02 09:08:00", "quiz_submit", "q1", score=80),
        _event(student, course, "03-03 09:00:00", "video_play", "v1", current_time=0),
        _event(student, course, f"03-03 09:{minutes}:00", "video_pause", "v1", current_time=minutes * 60),
        _event(student, course, "03-04 09:00:00", "lesson_complete", "l2"),
    ]
    return [_event(student, course, "03-01 10:00:00", "course_enroll"), *work]


_PLACES = {"l": "lesson_id", "q": "assessment_id", "v": "video_id"}


def _event(
    student: str, course: str, at: str, kind: str, place: str = "", **payload: object
) -> dict[str, Any]:
    about = {_PLACES[place[0]]: place} if place else {}
    return {
        "event_id": f"{student} {course} {at} {kind}",
        "event_type": kind,
        "timestamp": f"2026-{at.replace(' ', 'T')}Z",
        "student_id": student,
        "session_id": f"{student} {at[:5]}" if place else "",
        "context": {"course_id": course} | about,
        "payload": payload,
    }


def tables_of(world: World) -> SupersetTables:
    """What fills the tables, over the stores of a world."""
    relations = Relations(world.pool, lambda: world.now)
    rights = Rights(RollupReader(lambda: world.clickhouse, ROLLUP_QUERIES), relations, lambda: world.now)
    return SupersetTables(world.metrics, rights.outside, SupersetSchema(world.pool), lambda: world.now)


def rows_of(pool: Pool, table: str, **where: object) -> list[Mapping[str, Any]]:
    """Rows of a table, as Superset reads them."""
    with pool.connection() as connection:
        connection.execute("SET ROLE coursepulse_superset")
        try:
            cursor = connection.execute(f"SELECT * FROM superset.{table}".encode())
            names = [column.name for column in cursor.description or ()]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            connection.execute("RESET ROLE")
    return [row for row in found if all(row[name] == value for name, value in where.items())]
