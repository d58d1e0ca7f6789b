"""Everything that ClickHouse has computed about a student."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clickhouse_connect.driver.client import Client

from coursepulse.kit.ids import to_text
from coursepulse.kit.sql import Queries
from coursepulse.privacy.erasable import DataSubject
from coursepulse.privacy.exportable import ExportTable
from coursepulse.store.clickhouse.connect import translate_errors

_QUERIES = Queries("coursepulse.store.clickhouse.queries")

#: Tables in the export. The others hold the same rows in another order, or the events that PostgreSQL has.
TABLES = {
    "enrolments": "When you joined, left or completed a course.",
    "quiz_answers": "Your answers to single questions.",
    "course_acts": "What you did in discussions, live classes, exercises and videos.",
    "session_parts": "What was computed about each visit, course and day.",
    "student_course_days": "What was computed about each course and day.",
    "learner_courses": "What was computed about each course, for the pages.",
    "learner_watch": "How much of each video was covered at the end of each day.",
    "video_watch": "Which seconds of which video you played.",
    "students": "What the metrics must know about you.",
}


class ClickhouseExport:
    """:class:`coursepulse.privacy.exportable.Exportable`, streamed block by block."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def export(self, who: DataSubject) -> Iterator[ExportTable]:
        with translate_errors("The export"):
            for table, description in TABLES.items():
                values = {"table": table, "student": to_text(who.student)}
                with self._client.query_row_block_stream(
                    _QUERIES["export_rows"], parameters=values
                ) as blocks:
                    columns = list(blocks.source.column_names)
                    rows: Iterator[tuple[Any, ...]] = (row for block in blocks for row in block)
                    yield ExportTable(table, description, columns, rows)
