"""Rows of the roster: what is refused, where, and in which words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from coursepulse.campus.consents import ConsentRow, consent_checker
from coursepulse.campus.courses import Course, check_course
from coursepulse.campus.people import Person, PlatformRole, check_person
from coursepulse.campus.verdicts import MOST_ROWS, Read, RowFault, read_rows
from coursepulse.kit.clock import to_micros
from coursepulse.kit.errors import RequestError

NOW = to_micros(datetime(2026, 3, 1, 12, tzinfo=UTC))


def read_people(*rows: Any) -> Read[Person]:
    return read_rows(json.dumps(rows).encode(), Person, check_person)


def read_courses(*rows: Any) -> Read[Course]:
    return read_rows(json.dumps(rows).encode(), Course, check_course)


def read_consents(*rows: Any) -> Read[ConsentRow]:
    return read_rows(json.dumps(rows).encode(), ConsentRow, consent_checker(["analytics"], NOW))


def consent(**changes: Any) -> dict[str, Any]:
    return {
        "external_id": "a",
        "purpose": "analytics",
        "granted": True,
        "at": "2026-02-01T00:00:00+01:00",
    } | changes


def test_a_moment_is_cut_off_and_not_rounded() -> None:
    fine, cut = "2026-02-01T23:59:59.9999999Z", datetime(2026, 2, 1, 23, 59, 59, 999_999, UTC)
    assert read_consents(consent(at=fine)).rows[0].at == cut
    course = {
        "course_id": "c",
        "title": "At 23:59:59.9999999Z",
        "assessments": [{"assessment_id": "q", "due_at": fine}],
    }
    (read,) = read_courses(course).rows
    assert (read.title, read.assessments[0].due_at) == (course["title"], cut)


def test_a_person_has_defaults() -> None:
    assert read_people({"external_id": "a"}).rows == [
        Person(external_id="a", time_zone="UTC", role=PlatformRole.STUDENT)
    ]


@pytest.mark.parametrize(
    ("row", "reason", "path"),
    [
        ({}, RowFault.MISSING_FIELD, "$.external_id"),
        ({"external_id": ""}, RowFault.INVALID_VALUE, "$.external_id"),
        ({"external_id": "a", "time_zone": "Europe/Berlinn"}, RowFault.UNKNOWN_TIME_ZONE, "$.time_zone"),
        ({"external_id": "a", "role": "king"}, RowFault.INVALID_VALUE, "$.role"),
        ({"external_id": "a", "email": "no address"}, RowFault.INVALID_VALUE, "$.email"),
        ({"external_id": "a", "nickname": "x"}, RowFault.INVALID_VALUE, "$"),
        ({"external_id": "a\0"}, RowFault.INVALID_VALUE, "$"),
        ("not an object", RowFault.INVALID_VALUE, "$"),
    ],
)
def test_a_bad_person_is_refused_with_its_path(row: Any, reason: RowFault, path: str) -> None:
    read = read_people({"external_id": "before"}, row, {"external_id": "after"})
    assert [person.external_id for person in read.rows] == ["before", "after"]
    assert [(verdict.index, verdict.reason, verdict.path) for verdict in read.rejected] == [(1, reason, path)]
    assert read.rejected[0].sentence.endswith(".")


def test_a_lone_surrogate_spoils_only_its_row() -> None:
    read = read_rows(b'[{"external_id":"\\ud800"},{"external_id":"a"}]', Person, check_person)
    assert (read.rows, read.rejected[0].reason) == ([Person(external_id="a")], RowFault.MALFORMED)


@pytest.mark.parametrize(
    ("parts", "reason", "path"),
    [
        ({"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, RowFault.ENDS_BEFORE_START, "$.ends_on"),
        (
            {"lessons": [{"lesson_id": "l"}, {"lesson_id": "l"}]},
            RowFault.DUPLICATE_ID,
            "$.lessons[1].lesson_id",
        ),
        (
            {"videos": [{"video_id": "v", "lesson_id": "l", "duration_s": 5}]},
            RowFault.UNKNOWN_LESSON,
            "$.videos[0].lesson_id",
        ),
        ({"videos": [{"video_id": "v", "duration_s": 0}]}, RowFault.INVALID_VALUE, "$.videos[0].duration_s"),
        (
            {"assessments": [{"assessment_id": "q", "due_at": "2026-01-01T00:00:00"}]},
            RowFault.INVALID_VALUE,
            "$.assessments[0].due_at",
        ),
    ],
)
def test_a_bad_course_is_refused_with_its_path(parts: dict[str, Any], reason: RowFault, path: str) -> None:
    [verdict] = read_courses({"course_id": "c"} | parts).rejected
    assert (verdict.reason, verdict.path) == (reason, path)


def test_a_course_may_be_self_paced() -> None:
    [course] = read_courses({"course_id": "c", "starts_on": "2026-01-01"}).rows
    assert course.ends_on is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"purpose": "advertising"}, RowFault.UNKNOWN_PURPOSE),
        ({"at": "2026-03-01T12:06:00Z"}, RowFault.TIMESTAMP_IN_FUTURE),
        ({"at": "0001-01-01T00:00:00+14:00"}, RowFault.INVALID_VALUE),
        ({"at": "9999-12-31T23:59:59-12:00"}, RowFault.TIMESTAMP_IN_FUTURE),
        ({"at": "2026-02-01T00:00:00"}, RowFault.INVALID_VALUE),
        ({"granted": "yes"}, RowFault.INVALID_VALUE),
    ],
)
def test_a_bad_consent_is_refused(changes: dict[str, Any], reason: RowFault) -> None:
    assert [verdict.reason for verdict in read_consents(consent(), consent(**changes)).rejected] == [reason]


@pytest.mark.parametrize("body", [b"", b"{}", b'"x"', b"[1,", b"\xff"])
def test_a_body_that_is_no_array_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(RequestError):
        read_rows(body, Person, check_person)


def test_too_many_rows_are_refused_as_a_whole() -> None:
    rows = msgspec.json.encode([{"external_id": "a"}] * (MOST_ROWS + 1))
    with pytest.raises(RequestError) as refused:
        read_rows(rows, Person, check_person)
    assert refused.value.status == 413
