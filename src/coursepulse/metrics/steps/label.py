"""Names and titles beside ids: they live in PostgreSQL alone, and are put on the rows that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coursepulse.aggregates.row import Row, Rows, to_rows
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.metric import ITEM
from coursepulse.metrics.readers import CampusReader

_TITLES = {
    "course_id": "course_titles",
    "lesson_id": "lesson_titles",
    "video_id": "video_titles",
    "assessment_id": "assessment_titles",
    "interactive_id": "exercise_titles",
    "live_session_id": "live_titles",
}

#: What the id in ``item_id`` is of, by ``kind``.
_ITEMS = {"lesson": "lesson_id", "video": "video_id", "quiz": "assessment_id"}


def label(sources: Sources, asked: Asked) -> Asked:
    """The rows that are shown, with ``name`` and ``title`` where the metric has them."""
    if asked.labelled:
        return asked
    return asked._replace(rows=tuple(label_rows(sources, asked, rows) for rows in asked.rows))


def label_rows(sources: Sources, asked: Asked, found: Rows) -> list[Row]:
    """The rows of the metric with names and titles."""
    metric, campus, rows = asked.metric, sources.campus, to_rows(found)
    led = _lead(campus, rows) if metric.leads else rows
    return name_rows(campus, led, asked.query.course, named=metric.named, titled=metric.titled)


def name_rows(campus: CampusReader, rows: list[Row], course: str, *, named: bool, titled: str) -> list[Row]:
    """The rows with names and titles; empty text where nobody said.

    :param course: that of rows without a column ``course_id``
    :param named: rows are about students
    :param titled: column of the id whose title is wanted, empty for none
    """
    known = _name(campus, rows) if named else rows
    if titled == ITEM:
        return _title_items(campus, known, course)
    return _title(campus, titled, known, course) if titled else known


def _name(campus: CampusReader, rows: Sequence[Row]) -> list[Row]:
    found = campus.rows("student_names", {"students": [row["student_id"] for row in rows]})
    names = {each["student_id"]: each["name"] for each in found}
    return [row | {"name": names.get(row["student_id"], "")} for row in rows]


def _title_items(campus: CampusReader, rows: Sequence[Row], course: str) -> list[Row]:
    """With the titles of lessons, videos and quizzes, each kind by its own ids."""
    titles: dict[tuple[str, str, str], str] = {}
    for kind, column in _ITEMS.items():
        some = [row | {column: row[ITEM]} for row in rows if row["kind"] == kind]
        for row in _title(campus, column, some, course) if some else ():
            titles[kind, row.get("course_id", course), row[ITEM]] = row["title"]
    return [
        row | {"title": titles.get((row["kind"], row.get("course_id", course), row[ITEM]), "")}
        for row in rows
    ]


def _lead(campus: CampusReader, rows: Sequence[Row]) -> list[Row]:
    """With what there is to do: its title, how long it takes, and where it is on the platform."""
    courses = sorted({row["course_id"] for row in rows})
    found = campus.rows("course_items", {"courses": courses}) if courses else ()
    items = {(each["course_id"], each["kind"], each["item_id"]): each for each in found}
    return [row | _item_of(row, items) for row in rows]


def _item_of(row: Row, items: Mapping[tuple[str, str, str], Row]) -> Row:
    course = row["course_id"]
    kind, item = str(row.get("kind", "course")), str(row.get(ITEM, course))
    # What the catalog does not know is at least in a course.
    known = items.get((course, kind, item)) or items.get((course, "course", course)) or {}
    return {"item": known.get("item", ""), "length": known.get("length"), "url": known.get("url", "")}


def _title(campus: CampusReader, column: str, rows: Sequence[Row], course: str) -> list[Row]:
    """With titles; ``course`` is that of rows without a column ``course_id``."""
    courses = sorted({row.get("course_id", course) for row in rows})
    found = campus.rows(_TITLES[column], {"courses": courses})
    titles = {(each["course_id"], each[column]): each["title"] for each in found}
    return [row | {"title": titles.get((row.get("course_id", course), row[column]), "")} for row in rows]
