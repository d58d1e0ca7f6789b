"""OULAD rows as events.

The data knows days, not hours, and sums clicks up per page and day. So an event gets a fixed hour of its day,
in the order in which such things happen, and no session: neither sessions nor time on task are in these data.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from coursepulse.events.event import Context, Envelope
from coursepulse.formats.oulad_tables import (
    StudentAssessment,
    StudentInfo,
    StudentRegistration,
    StudentVle,
    course_of,
    date_of,
    day_of,
    id_of,
    is_yes,
    score_of,
    whole,
)
from coursepulse.formats.outcome import Refused, Skip, Skipped, invalid
from coursepulse.formats.values import derive_id

#: The Open University's pass mark is 40 of 100.
PASS_MARK = 40

FORUM = "forumng"
ASSIGNMENT = "TMA"


class RecordKind(StrEnum):
    """The kind of a record."""

    ENROL = "e"
    CLICK = "c"
    FORUM = "f"
    SUBMIT = "s"
    QUIZ = "q"
    GRADE = "g"
    UNENROL = "u"
    COMPLETE = "z"


#: The event type of each kind, and the hour (UTC) that stands for the unknown time of day.
_EVENTS: dict[str, tuple[str, int]] = {
    RecordKind.ENROL: ("course_enroll", 11),
    RecordKind.CLICK: ("lesson_start", 12),
    RecordKind.FORUM: ("forum_view", 12),
    RecordKind.SUBMIT: ("assignment_submit", 12),
    RecordKind.QUIZ: ("quiz_submit", 12),
    RecordKind.GRADE: ("assignment_graded", 13),
    RecordKind.UNENROL: ("course_unenroll", 14),
    RecordKind.COMPLETE: ("course_complete", 15),
}


class DayRecord(NamedTuple):
    """One thing that happened on one day, as text that can wait in a file until its day is sent.

    :param day: ISO date
    :param thing: id of the site or assessment, empty for the course as a whole
    :param value: clicks or score, empty when there is none
    """

    day: str
    kind: str
    course_id: str
    student: str
    thing: str = ""
    value: str = ""


class OuladAssessment(NamedTuple):
    """An assessment. ``due`` is in days from the start; exams often have none."""

    course_id: str
    kind: str
    due: int | None


class Lookups(NamedTuple):
    """What the small tables know and the large ones refer to.

    :param lengths: length of each course in days
    :param works: assessments by id
    :param forums: ids of the sites that are forums
    """

    lengths: Mapping[str, int]
    works: Mapping[str, OuladAssessment]
    forums: frozenset[str]


DayRecords = list[DayRecord] | Skipped | Refused


def click_records(row: StudentVle, lookups: Lookups) -> DayRecords:
    """A student's clicks on one site on one day: a forum is read, any other site is a lesson."""
    try:
        day, clicks = (
            _date(course_of(row.code_module, row.code_presentation), whole(row.date)),
            whole(row.sum_click),
        )
    except ValueError as error:
        return invalid("$.date", f"Not a click row: {error}.")
    if clicks < 1:
        return Skipped(Skip.NO_ACTIVITY)
    site = id_of(row.id_site)
    kind = RecordKind.FORUM if site in lookups.forums else RecordKind.CLICK
    course = course_of(row.code_module, row.code_presentation)
    return [DayRecord(day, kind, course, id_of(row.id_student), site, str(clicks))]


def registration_records(row: StudentRegistration) -> DayRecords:
    """Enrolment, and its end if any. Without a date the student enrolled by the start, or on the day of leaving."""
    course, student = course_of(row.code_module, row.code_presentation), id_of(row.id_student)
    try:
        began, ended = day_of(row.date_registration), day_of(row.date_unregistration)
        began = 0 if began is None else began
        if ended is None:
            return [DayRecord(_date(course, began), RecordKind.ENROL, course, student)]
        return [
            DayRecord(_date(course, min(began, ended)), RecordKind.ENROL, course, student),
            DayRecord(_date(course, ended), RecordKind.UNENROL, course, student),
        ]
    except ValueError as error:
        return invalid("$.date_registration", f"Not a registration row: {error}.")


def result_records(row: StudentInfo, lookups: Lookups) -> DayRecords:
    """Pass and Distinction complete the course on its last day; Fail and Withdrawn give no event."""
    if row.final_result not in ("Pass", "Distinction"):
        return Skipped(Skip.NO_ACTIVITY)
    course = course_of(row.code_module, row.code_presentation)
    if course not in lookups.lengths:
        return invalid("$.code_presentation", f"`{course}` is not in courses.csv.")
    return [
        DayRecord(_date(course, lookups.lengths[course]), RecordKind.COMPLETE, course, id_of(row.id_student))
    ]


def assessment_records(row: StudentAssessment, lookups: Lookups) -> DayRecords:
    """A piece of work handed in and marked.

    Tutor-marked work (TMA) is an assignment; computer-marked work (CMA) and exams are quizzes. A banked
    result was earned in an earlier presentation: it is graded here without anything being done. Without a
    score there is only the handing in; without a date the day it was due counts, or the course's last day.
    """
    assessment = id_of(row.id_assessment)
    work = lookups.works.get(assessment)
    if work is None or work.course_id not in lookups.lengths:
        return invalid("$.id_assessment", f"`{row.id_assessment}` is not in assessments.csv.")
    try:
        handed, score = day_of(row.date_submitted), score_of(row.score)
        if handed is None:
            handed = lookups.lengths[work.course_id] if work.due is None else work.due
        day, banked = _date(work.course_id, handed), is_yes(row.is_banked)
    except ValueError as error:
        return invalid("$.score", f"Not a result row: {error}.")
    # Normalised, because the id of the event depends on it.
    marked = "" if score is None else f"{score:.12g}"
    kinds = _kinds_of(work, banked, marked=bool(marked))
    return [
        DayRecord(day, kind, work.course_id, id_of(row.id_student), assessment, marked) for kind in kinds
    ] or Skipped(Skip.NO_ACTIVITY)


def _kinds_of(work: OuladAssessment, banked: bool, *, marked: bool) -> list[RecordKind]:
    if banked:
        return [RecordKind.GRADE] if marked else []
    if work.kind != ASSIGNMENT:
        return [RecordKind.QUIZ]
    return [RecordKind.SUBMIT, RecordKind.GRADE] if marked else [RecordKind.SUBMIT]


def event_of(record: DayRecord, nth: int) -> Envelope:
    """The event of a record.

    :param nth: its number among equal records, from 0: a day may have the same number of clicks twice
    """
    event_type, hour = _EVENTS[record.kind]
    return Envelope(
        event_id=derive_id("oulad", record, nth),
        event_type=event_type,
        timestamp=_moment(record.day, hour),
        student_id=record.student,
        context=_context(record),
        payload=_payload(record),
    )


def _context(record: DayRecord) -> Context:
    if record.kind in (RecordKind.CLICK, RecordKind.FORUM):
        return Context(course_id=record.course_id, lesson_id=record.thing)
    return Context(course_id=record.course_id, assessment_id=record.thing)


def _payload(record: DayRecord) -> dict[str, Any]:
    match record.kind:
        case RecordKind.CLICK:
            return {"clicks": int(record.value)}
        case RecordKind.FORUM:
            return {"clicks": int(record.value), "thread_id": record.thing}
        case RecordKind.COMPLETE:
            return {"passed": True}
        case RecordKind.GRADE | RecordKind.QUIZ if record.value:
            score = float(record.value)
            return {"score": score, "max_score": 100.0, "passed": score >= PASS_MARK}
        case _:
            return {}


@lru_cache(maxsize=65_536)
def _date(course_id: str, day: int) -> str:
    return date_of(course_id, day).isoformat()


@lru_cache(maxsize=4096)
def _moment(day: str, hour: int) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
