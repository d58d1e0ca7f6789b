"""Who is in a course by the roster: where it says something about somebody, no event does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from coursepulse.events.event import Event
from coursepulse.events.taxonomy import names
from coursepulse.kit.clock import Micros, to_micros
from coursepulse.kit.ids import NIL

ENROL, LEAVE = "course_enroll", "course_unenroll"

#: Events that say who is in a course.
ENROLMENTS = (ENROL, LEAVE)

#: The first of these is when a learner is in the course, where the roster does not say.
_TRACES = frozenset({ENROL, *names(learning=True)})


class Listed(NamedTuple):
    """What the roster says of one student in one course.

    :param starts_on: the first day in the course; None when it does not say
    :param known_on: then in the course from this day at the latest: when the course began, or the roster first said so
    :param left_on: the first day out of the course
    """

    starts_on: date | None
    known_on: date
    left_on: date | None


#: By student and course.
Roster: TypeAlias = Mapping[tuple[bytes, str], Listed]

#: A roster that says nothing.
NO_ROSTER: Roster = {}


def follow_roster(events: Iterable[Event], roster: Roster) -> list[Event]:
    """The events with the enrolments of the roster in the place of those that events tell about the same learner."""
    told = list(events)
    first: dict[tuple[bytes, str], Micros] = {}
    for event in told:
        if event.event_type in _TRACES:
            key = (event.student_id, event.course_id)
            first[key] = min(first.get(key, event.at), event.at)
    kept = [
        event
        for event in told
        if event.event_type not in ENROLMENTS or (event.student_id, event.course_id) not in roster
    ]
    return kept + [event for key, row in roster.items() for event in _say(key, row, first.get(key))]


def _say(key: tuple[bytes, str], row: Listed, first: Micros | None) -> list[Event]:
    """The enrolment of a row as events.

    :param first: when events tell for the first time of an enrolment or of learning
    """
    known = _midnight(row.known_on)
    since = (
        min(known, known if first is None else first) if row.starts_on is None else _midnight(row.starts_on)
    )
    said = [(ENROL, since)]
    if row.left_on is not None:
        said.append((LEAVE, max(since, _midnight(row.left_on))))
    return [_event(key, number, *each) for number, each in enumerate(said)]


def _event(key: tuple[bytes, str], number: int, kind: str, at: Micros) -> Event:
    """:param number: the order of those that are said of one moment"""
    student, course = key
    own = bytes([number]) + blake2b(student + course.encode(), digest_size=15).digest()
    return Event(own, kind, at, student, NIL, course, "", "", "")


def _midnight(day: date) -> Micros:
    return to_micros(datetime.combine(day, time(), UTC))
