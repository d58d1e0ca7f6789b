"""The campus in ClickHouse: copies of what the metrics must know, always replaced as a whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from coursepulse.campus.catalog import CampusCatalog
from coursepulse.campus.zones import list_offsets
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors

_QUERIES = Queries("coursepulse.store.clickhouse.queries")

_TEXT, _MOMENT = pa.string(), pa.timestamp("us", tz="UTC")

_STUDENTS = pa.schema(
    [("student_id", pa.binary(16)), ("time_zone", _TEXT), ("is_staff", pa.bool_()), ("is_test", pa.bool_())]
)
_LESSONS = pa.schema([("course_id", _TEXT), ("lesson_id", _TEXT), ("place", pa.uint32())])
_VIDEOS = pa.schema(
    [("course_id", _TEXT), ("video_id", _TEXT), ("lesson_id", _TEXT), ("duration", pa.float64())]
)
_ASSESSMENTS = pa.schema(
    [
        ("course_id", _TEXT),
        ("assessment_id", _TEXT),
        ("kind", _TEXT),
        ("pass_mark", pa.float64()),
        ("due_at", _MOMENT),
    ]
)
_ZONES = pa.schema(
    [
        ("time_zone", _TEXT),
        ("starts", pa.list_(pa.timestamp("s", tz="UTC"))),
        ("offsets", pa.list_(pa.int32())),
    ]
)


class Dimensions:
    """Replaces the copies of the campus in ``schema.sql``.

    Each replacement writes every row with a version above all others, then removes what was not written. A reader
    sees the old rows or the new ones, and never too few.

    :param open_client: called once per replacement, in the thread that replaces
    """

    def __init__(self, open_client: Callable[[], Client]) -> None:
        self._open_client = open_client
        self._replacing = threading.Lock()

    def replace(self, catalog: CampusCatalog) -> None:
        """Replace the tables with ``catalog``.

        :raises StoreUnavailable: some tables may be new and others old; replace again later
        """
        with self._replacing, translate_errors("ClickHouse dimensions"):
            client = self._open_client()
            zones = {student.time_zone for student in catalog.students}
            # Zones first: a student whose zone is unknown would have no days.
            _write(client, "time_zones", _ZONES, _list_zones(zones))
            _replace(client, "students", _STUDENTS, catalog.students)
            _replace(client, "lessons", _LESSONS, catalog.lessons)
            _replace(client, "videos", _VIDEOS, catalog.videos)
            _replace(client, "assessments", _ASSESSMENTS, catalog.assessments)


def _list_zones(zones: Iterable[str]) -> list[tuple[str, list[datetime], list[int]]]:
    return [(zone, *list_offsets(zone)) for zone in sorted(zones)]


def _replace(client: Client, table: str, schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> None:
    version = _write(client, table, schema, rows)
    client.command(_QUERIES[f"dimension_remove_{table}"], parameters={"version": version})


def _write(client: Client, table: str, schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> int:
    [[version]] = client.query(_QUERIES[f"dimension_version_{table}"]).result_rows
    if rows:
        columns = [
            pa.array(column, field.type)
            for column, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        columns.append(pa.array([version] * len(rows), pa.uint64()))
        full = pa.Table.from_arrays(columns, schema=schema.append(pa.field("version", pa.uint64())))
        client.insert_arrow(_TABLES[table], full)
    return int(version)


_TABLES = {
    "time_zones": "time_zones",
    "students": "students",
    "lessons": "course_lessons",
    "videos": "course_videos",
    "assessments": "course_assessments",
}
