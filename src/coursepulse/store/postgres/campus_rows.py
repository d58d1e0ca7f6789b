"""The campus as rows of its tables, in JSON that PostgreSQL unpacks: one statement writes any number of rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from coursepulse.campus.consents import ConsentRow
from coursepulse.campus.courses import Course
from coursepulse.campus.deliveries import Seen
from coursepulse.campus.enrolments import Enrolment, Teaching
from coursepulse.campus.organisations import Organisation, Team
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
    changes: list[Row]
    listed: list[Row]


def tell_people(people: Iterable[Person], pseudonyms: Pseudonyms) -> str:
    """Rows of ``people``: the last one per person holds."""
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
            "organisation_id": person.organisation_id,
        }
        for person in last.values()
    ]
    return msgspec.json.encode(rows).decode()


def tell_consents(consents: Iterable[ConsentRow], pseudonyms: Pseudonyms) -> str:
    """Rows of ``consents`` in the given order, without repetitions."""
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


def split_courses(courses: Iterable[Course], pseudonyms: Pseudonyms) -> Tables:
    """Rows of courses and their parts: the last one per course holds."""
    last = {course.course_id: course for course in courses}
    tables = Tables([], [], [], [], [], [])
    for course in last.values():
        _add_course(tables, course, pseudonyms)
    return tables


def _add_course(tables: Tables, course: Course, pseudonyms: Pseudonyms) -> None:
    key = {"course_id": course.course_id}
    dates = {"starts_on": course.starts_on, "ends_on": course.ends_on}
    tables.courses.append(key | {"title": course.title, "url": course.url} | dates)
    for place, lesson in enumerate(course.lessons, 1):
        tables.lessons.append(key | msgspec.structs.asdict(lesson) | {"place": place})
    tables.videos.extend(key | msgspec.structs.asdict(video) for video in course.videos)
    tables.assessments.extend(key | msgspec.structs.asdict(work) for work in course.assessments)
    tables.changes.extend(key | msgspec.structs.asdict(change) for change in course.changes)
    tables.listed.extend(
        key | {"teacher_id": to_text(pseudonyms.of(teacher))} for teacher in course.instructors
    )


def tell_organisations(organisations: Iterable[Organisation]) -> list[Row]:
    """Rows of ``organisations``: the last one per organisation holds."""
    last = {each.organisation_id: each for each in organisations}
    return [msgspec.structs.asdict(each) for each in last.values()]


def split_teams(teams: Iterable[Team], pseudonyms: Pseudonyms) -> tuple[list[Row], list[Row]]:
    """Rows of ``teams`` and ``team_people``: the last one per team holds."""
    last = {team.team_id: team for team in teams}
    rows = [
        {"team_id": team.team_id, "organisation_id": team.organisation_id, "name": team.name}
        for team in last.values()
    ]
    people = [
        {"team_id": team.team_id, "student_id": to_text(pseudonyms.of(person)), "manages": manages}
        for team in last.values()
        for manages, group in ((True, team.managers), (False, team.members))
        for person in group
    ]
    return rows, people


def tell_seen(seen: Iterable[Seen], pseudonyms: Pseudonyms) -> list[Row]:
    """The people named by a delivery, by pseudonym."""
    return [
        {"course_id": row.course_id, "student_id": to_text(pseudonyms.of(row.external_id))} for row in seen
    ]


def tell_enrolments(enrolments: Iterable[Enrolment], pseudonyms: Pseudonyms) -> list[Row]:
    """Rows of ``enrolments``: the last one per course and student holds."""
    last = {(row.course_id, row.external_id): row for row in enrolments}
    return [
        {
            "course_id": row.course_id,
            "student_id": to_text(pseudonyms.of(row.external_id)),
            "status": row.status,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
        }
        for row in last.values()
    ]


def tell_teaching(teaching: Iterable[Teaching], pseudonyms: Pseudonyms) -> list[Row]:
    """Rows of ``teaching``: the last one per course and teacher holds."""
    last = {(row.course_id, row.external_id): row for row in teaching}
    return [
        {
            "course_id": row.course_id,
            "teacher_id": to_text(pseudonyms.of(row.external_id)),
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
        }
        for row in last.values()
    ]
