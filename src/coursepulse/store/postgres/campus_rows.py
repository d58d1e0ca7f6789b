"""The campus as rows of its tables, in JSON that PostgreSQL takes apart: one statement writes any number of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from coursepulse.campus.consents import ConsentRow
from coursepulse.campus.courses import Course
from coursepulse.campus.people import Person
from coursepulse.kit.ids import to_text
from coursepulse.privacy.pseudonyms import Pseudonyms

Row = dict[str, Any]


class Tables(NamedTuple):
    """Courses, taken apart."""

    courses: list[Row]
    lessons: list[Row]
    videos: list[Row]
    assessments: list[Row]
    teaching: list[Row]


def tell_people(people: Iterable[Person], pseudonyms: Pseudonyms) -> str:
    """Rows of ``people``, one per person: the last one given holds."""
    last = {person.external_id: person for person in people}
    rows = [
        {
            "student_id": to_text(pseudonyms.of(person.external_id)),
            "external_id": person.external_id,
            "name": person.name,
            "email": person.email,
            "time_zone": person.time_zone,
            "is_staff": person.is_staff,
            "is_test": person.is_test,
        }
        for person in last.values()
    ]
    return msgspec.json.encode(rows).decode()


def tell_consents(consents: Iterable[ConsentRow], pseudonyms: Pseudonyms) -> str:
    """Rows of ``consents`` in the order given, each once."""
    rows = [
        {
            "place": place,
            "student_id": to_text(pseudonyms.of(row.external_id)),
            "purpose": row.purpose,
            "granted": row.granted,
            "text_version": row.text_version,
            "source": row.source,
            "at": row.at,
            "tombstone": pseudonyms.tombstone(pseudonyms.of(row.external_id)).hex(),
        }
        for place, row in enumerate(dict.fromkeys(consents))
    ]
    return msgspec.json.encode(rows).decode()


def split_courses(courses: Iterable[Course]) -> Tables:
    """The rows of courses and of their parts; of two about one course the last holds."""
    last = {course.course_id: course for course in courses}
    tables = Tables([], [], [], [], [])
    for course in last.values():
        _add_course(tables, course)
    return tables


def _add_course(tables: Tables, course: Course) -> None:
    key = {"course_id": course.course_id}
    dates = {"starts_on": course.starts_on, "ends_on": course.ends_on}
    tables.courses.append(key | {"title": course.title} | dates)
    for place, lesson in enumerate(course.lessons, 1):
        tables.lessons.append(key | msgspec.structs.asdict(lesson) | {"place": place})
    tables.videos.extend(key | msgspec.structs.asdict(video) for video in course.videos)
    tables.assessments.extend(key | msgspec.structs.asdict(work) for work in course.assessments)
    tables.teaching.extend(key | {"instructor_external_id": teacher} for teacher in course.instructors)
