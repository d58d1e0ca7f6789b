"""Rows of the rollup tables in the terms of the Python reference, and a schema of its own per test module."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from clickhouse_connect.driver.client import Client

from coursepulse.kit.clock import to_micros

Row = tuple[Any, ...]

#: Every table that events fill; the dimensions stay as a test has set them.
FILLED = (
    *("events", "quiz_answers", "enrolments", "lessons_seen", "video_durations"),
    *("session_parts", "student_course_days", "student_days", "active_days", "platform_days", "video_watch"),
)


def empty_tables(client: Client) -> None:
    """Forget all events and what was made of them."""
    for table in FILLED:
        client.command(f"TRUNCATE TABLE {table}")


def stored(client: Client, table: str, kind: type[msgspec.Struct]) -> set[Row]:
    """The rows of a rollup table as rows of its reference type."""
    columns = ", ".join(kind.__struct_fields__)
    return {plain(row) for row in client.query(f"SELECT {columns} FROM {table} FINAL").result_rows}


def expected(rows: Mapping[Any, msgspec.Struct]) -> set[Row]:
    """The same of what the reference says."""
    return {plain(msgspec.structs.astuple(row)) for row in rows.values()}


def whole_table(client: Client, table: str) -> list[Row]:
    """Every column of a table but the version, in the order of the rows."""
    rows = client.query(f"SELECT * EXCEPT (version) FROM {table} FINAL ORDER BY ALL").result_rows
    return [plain(row) for row in rows]


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
