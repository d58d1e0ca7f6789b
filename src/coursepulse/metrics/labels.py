"""Names and titles beside ids: they live in PostgreSQL alone, and are put on the rows that are shown."""

from __future__ import annotations

from collections.abc import Sequence

from coursepulse.metrics.metric import Metric
from coursepulse.metrics.readers import FactReader
from coursepulse.metrics.row import Row

_TITLES = {
    "course_id": "course_titles",
    "lesson_id": "lesson_titles",
    "video_id": "video_titles",
    "assessment_id": "assessment_titles",
}


def label(facts: FactReader, metric: Metric, rows: Sequence[Row], course: str) -> list[Row]:
    """The rows with ``name`` and ``title`` where the metric has them; empty text where nobody said.

    :param course: the course of rows without a column ``course_id``
    """
    named = _name(facts, rows) if metric.named else list(rows)
    return _title(facts, metric.titled, named, course) if metric.titled else named


def _name(facts: FactReader, rows: Sequence[Row]) -> list[Row]:
    found = facts.rows("student_names", {"students": [row["student_id"] for row in rows]})
    names = {each["student_id"]: each["name"] for each in found}
    return [row | {"name": names.get(row["student_id"], "")} for row in rows]


def _title(facts: FactReader, column: str, rows: Sequence[Row], course: str) -> list[Row]:
    courses = sorted({row.get("course_id", course) for row in rows})
    found = facts.rows(_TITLES[column], {"courses": courses})
    titles = {(each["course_id"], each[column]): each["title"] for each in found}
    return [row | {"title": titles.get((row.get("course_id", course), row[column]), "")} for row in rows]
