"""Rows of the rollup tables in the terms of the Python reference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from clickhouse_connect.driver.client import Client

from coursepulse.kit.clock import to_micros
from tests.reference.course_day import CourseDay
from tests.reference.parts import Part, PartKey, PartVideo
from tests.support.clickhouse import filled_tables

Row = tuple[Any, ...]

#: The rollups, as far as they are made from events alone.
ROLLUPS = (
    *("session_parts", "student_course_days", "student_days", "active_days", "video_watch", "student_watch"),
    *("learner_courses", "learner_watch"),
)

#: Every table that a test of this folder fills and may find filled.
FILLED = frozenset(
    {
        *("events", "quiz_answers", "course_acts", "enrolments", "lessons_seen", "video_durations"),
        *("platform_days", "frozen_days", "students", "roster_enrolments", "sized_videos", "course_orders"),
        *ROLLUPS,
    }
)


def empty_tables(client: Client) -> None:
    """Forget all events and what was made of them."""
    for table in FILLED.intersection(filled_tables(client)):
        client.command(f"TRUNCATE TABLE {table}")


def stored_parts(client: Client) -> set[Row]:
    """The rows of ``session_parts`` with their videos from ``video_watch``."""
    videos: dict[Row, list[Row]] = defaultdict(list)
    for row in _rows(client, "video_watch", *PartKey._fields, *PartVideo._fields):
        videos[row[:4]].append(row[4:])
    fields = [field for field in Part.__struct_fields__ if field != "videos"]
    place = Part.__struct_fields__.index("videos")
    return {
        (*row[:place], tuple(sorted(videos.get(row[:4], ()))), *row[place:])
        for row in _rows(client, "session_parts", *fields)
    }


def stored_days(client: Client, table: str) -> set[Row]:
    """The rows of ``student_course_days`` or its copy."""
    return set(_rows(client, table, *CourseDay.__struct_fields__))


def expected(rows: Mapping[Any, msgspec.Struct]) -> set[Row]:
    """The same of what the reference says."""
    return {plain(msgspec.structs.astuple(row)) for row in rows.values()}


def snapshot(client: Client) -> dict[str, list[Row]]:
    """Every rollup with every column but the version, in the order of its rows."""
    return {
        table: [
            plain(row)
            for row in client.query(f"SELECT * EXCEPT (version) FROM {table} FINAL ORDER BY ALL").result_rows
        ]
        for table in ROLLUPS
    }


def _rows(client: Client, table: str, *columns: str) -> list[Row]:
    return [plain(row) for row in client.query(f"SELECT {', '.join(columns)} FROM {table} FINAL").result_rows]


def plain(value: Any) -> Any:
    """Ids as bytes, moments as microseconds, every sequence as a tuple."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, datetime):
        return to_micros(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, dict):  # the driver reads named tuples as dicts
        return tuple(plain(each) for each in value.values())
    if isinstance(value, list | tuple):
        return tuple(plain(each) for each in value)
    return value
