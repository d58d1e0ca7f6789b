"""What happened to one student when: the reference for the metric ``student_timeline``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.kit.clock import SECOND, Micros, utc_date
from coursepulse.kit.ids import NIL
from tests.reference.course_day import CourseDay, course_days
from tests.reference.parts import Part, parts

_ENROLMENT = ("course_enroll", "course_unenroll", "course_complete", "certificate_issued")


class Happening(NamedTuple):
    """One line of a timeline; None where the kind has no such value."""

    at: Micros
    until: Micros | None
    kind: str
    course_id: str
    assessment_id: str = ""
    time_spent: float | None = None
    lessons: int | None = None
    score_pct: float | None = None
    passed: bool | None = None


def timeline(events: Iterable[Event], student: bytes, start: date, end: date) -> list[Happening]:
    """Everything of a student in the UTC days from ``start`` to before ``end``, in no order."""
    log = list(events)
    visits: dict[tuple[str, bytes], list[Part]] = defaultdict(list)
    for part in parts(log).values():
        here = part.student_id == student and part.course_id and start <= part.day < end
        if here and part.learning_events and part.session_id != NIL:
            visits[part.course_id, part.session_id].append(part)
    found = [_visit(course, each) for (course, _), each in visits.items()]
    for key, day in course_days(log).items():
        if key.student_id == student and key.course_id and start <= key.day < end:
            found += _told(day)
    return found + list(_enrolments(log, student, start, end))


def _visit(course: str, rows: list[Part]) -> Happening:
    spent = sum(part.time_video + part.time_quiz + part.time_reading for part in rows)
    lessons = {lesson for part in rows for lesson in part.lessons_completed}
    begun, ended = min(part.first_at for part in rows), max(part.last_at for part in rows)
    return Happening(begun, ended, "visit", course, time_spent=spent / SECOND, lessons=len(lessons))


def _told(day: CourseDay) -> Iterator[Happening]:
    for kind, results in (("quiz", day.quiz_results), ("grade", day.grades)):
        for each in results:
            told = (day.course_id, each.assessment_id, None, None, each.score, each.passed)
            yield Happening(each.at, None, kind, *told)
    for hand_in in day.submissions:
        yield Happening(hand_in.first_at, None, "submission", day.course_id, hand_in.assessment_id)


def _enrolments(log: list[Event], student: bytes, start: date, end: date) -> Iterator[Happening]:
    for event in log:
        mine = event.student_id == student and event.course_id
        if mine and event.event_type in _ENROLMENT and start <= utc_date(event.at) < end:
            yield Happening(event.at, None, event.event_type, event.course_id)
