"""The published vectors of ``tests/vectors``: load them, make events of them, and ask any implementation.

A vector holds events as a platform sends them and expects answers: metric name -> list of rows. Of each row
``QUESTION`` fields say what is asked, and all others what must come out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec
import pytest

from coursepulse.events.decode import DecodedEvent, decode
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import EXTRA_PREFIX
from coursepulse.kit.clock import Micros, to_micros
from coursepulse.kit.ids import NIL, to_bytes
from tests.reference.catalog import AssessmentKey, CourseCatalog
from tests.reference.enrolment import Listed
from tests.reference.order import in_order
from tests.reference.playback import VideoKey

FOLDER = Path(__file__).parent.parent / "vectors"

#: Fields of an expected row that say what is asked.
QUESTION = {
    *("student", "course", "video", "assessment", "attempt", "question"),
    *("date", "from", "to", "days", "unit", "week", "starts_on", "day"),
}

Row = dict[str, Any]


class Assessment(msgspec.Struct, forbid_unknown_fields=True):
    pass_mark: float | None = None
    due: datetime | None = None


class Course(msgspec.Struct, forbid_unknown_fields=True):
    lessons: list[str] | None = None
    videos: dict[str, float] = {}
    assessments: dict[str, Assessment] = {}
    ends: date | None = None


class Place(msgspec.Struct, forbid_unknown_fields=True):
    """A learner on the roster of a course."""

    starts_on: date | None = None
    known_on: date = date(2026, 1, 1)
    left_on: date | None = None


class Vector(msgspec.Struct, forbid_unknown_fields=True):
    """One case, as published.

    :param definition: the section of docs/reference/definitions.md that it tests
    :param why: what goes wrong in systems that get it wrong
    :param zones: time zone by student, UTC for the others
    :param left_out: staff and test users
    :param roster: by course and student
    """

    name: str
    definition: str
    why: str
    now: datetime
    events: list[Row]
    expected: dict[str, list[Row]]
    catalog: dict[str, Course] = {}
    zones: dict[str, str] = {}
    left_out: list[str] = []
    roster: dict[str, dict[str, Place]] = {}


class Topic(msgspec.Struct, forbid_unknown_fields=True):
    """One file."""

    version: str
    topic: str
    vectors: list[Vector]


class Case(msgspec.Struct, frozen=True):
    """A vector in the terms of the definitions."""

    events: list[Event]
    catalog: CourseCatalog
    now: Micros
    zones: dict[bytes, tzinfo]
    left_out: frozenset[bytes]
    roster: dict[tuple[bytes, str], Listed]


Answer = Callable[[Case, Row], Row]


def load_vectors() -> list[Vector]:
    """All vectors, by file."""
    files = sorted(FOLDER.glob("*.json"))
    return [vector for file in files for vector in msgspec.json.decode(file.read_bytes(), type=Topic).vectors]


def student_id(name: str) -> bytes:
    """The fixed pseudonym that vectors use."""
    return to_bytes(name, "student")


def open_case(vector: Vector) -> Case:
    """:raises AssertionError: when an event of the vector is not one that the collector takes"""
    decoded = decode(msgspec.json.encode(vector.events))
    assert not decoded.rejected, decoded.rejected
    return Case(
        [to_event(sent) for sent in decoded.sent],
        catalog_of(vector),
        to_micros(vector.now),
        {student_id(name): ZoneInfo(zone) for name, zone in vector.zones.items()},
        frozenset(map(student_id, vector.left_out)),
        {
            (student_id(student), course): Listed(place.starts_on, place.known_on, place.left_on)
            for course, places in vector.roster.items()
            for student, place in places.items()
        },
    )


def arbitrated(events: list[Event]) -> list[Event]:
    """What the raw store lets through to the rollups, and the same again where it was sent again."""
    kept = in_order(events)
    return [event for event in events if event in kept or event.event_type.startswith(EXTRA_PREFIX)]


def to_event(sent: DecodedEvent) -> Event:
    """The canonical event, with a fixed pseudonym instead of the keyed one."""
    envelope, context = sent.envelope, sent.envelope.context
    return Event(
        to_bytes(envelope.event_id, "event"),
        envelope.event_type,
        sent.at,
        student_id(envelope.student_id),
        to_bytes(envelope.session_id, "session") if envelope.session_id else NIL,
        context.course_id,
        context.lesson_id,
        context.video_id,
        context.assessment_id,
        envelope.device.type,
        **sent.payload.columns()._asdict(),
    )


def catalog_of(vector: Vector) -> CourseCatalog:
    """The catalog facts of a vector."""
    courses = vector.catalog.items()
    works = [
        (AssessmentKey(course, name), work)
        for course, facts in courses
        for name, work in facts.assessments.items()
    ]
    return CourseCatalog(
        lessons={course: tuple(facts.lessons) for course, facts in courses if facts.lessons is not None},
        durations={
            VideoKey(course, name): seconds
            for course, facts in courses
            for name, seconds in facts.videos.items()
        },
        pass_marks={key: work.pass_mark for key, work in works if work.pass_mark is not None},
        due={key: to_micros(work.due) for key, work in works if work.due is not None},
        ends={course: facts.ends for course, facts in courses if facts.ends is not None},
    )


def own_names(vector: Vector) -> Vector:
    """The same vector with students and courses that no other has."""
    name = vector.name
    return msgspec.structs.replace(
        vector,
        events=[_rename(event, name) for event in vector.events],
        catalog={f"{name} {course}": facts for course, facts in vector.catalog.items()},
        zones={f"{name} {student}": zone for student, zone in vector.zones.items()},
        left_out=[f"{name} {student}" for student in vector.left_out],
        roster={
            f"{name} {course}": {f"{name} {student}": place for student, place in places.items()}
            for course, places in vector.roster.items()
        },
        expected={
            metric: [_rename_row(row, name) for row in rows] for metric, rows in vector.expected.items()
        },
    )


def _rename(event: Row, name: str) -> Row:
    context = dict(event.get("context", {}))
    if "course_id" in context:
        context["course_id"] = f"{name} {context['course_id']}"
    ids = {"event_id": _rename_id(event["event_id"], name), "student_id": f"{name} {event['student_id']}"}
    return event | ids | {"context": context}


def _rename_id(event_id: str, name: str) -> str:
    """Another id in the same order: where moments are equal, UUIDs decide which event is first."""
    return f"{crc32(name.encode()):08x}{event_id[8:]}" if len(event_id) == 36 else f"{name} {event_id}"


def _rename_row(row: Row, name: str) -> Row:
    return row | {key: f"{name} {row[key]}" for key in ("student", "course") if key in row}


def check_vector(case: Case, expected: Mapping[str, list[Row]], answers: Mapping[str, Answer]) -> None:
    """Assert that an implementation answers as expected.

    :param answers: by metric name, a function from the case and a row's question to a row
    """
    for metric, rows in expected.items():
        for row in rows:
            answer = answers[metric](case, row)
            for field in row.keys() - QUESTION:
                assert plain(answer[field]) == approximately(row[field]), f"{metric} {row}: {field}"


def plain(value: Any) -> Any:
    """Tuples as lists and days as text, as JSON has them."""
    return msgspec.json.decode(msgspec.json.encode(value))


def approximately(value: Any) -> Any:
    """Numbers within a millionth, wherever they stand."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return pytest.approx(value, rel=1e-6, abs=1e-6)
    if isinstance(value, list):
        return [approximately(each) for each in value]
    if isinstance(value, dict):
        return {key: approximately(each) for key, each in value.items()}
    return value


def asked_date(row: Row, field: str) -> date:
    """A date field of a question."""
    return date.fromisoformat(row[field])
