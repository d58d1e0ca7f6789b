"""Facts for predictions, event by event: the reference for ``insight/clickhouse/facts.sql``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.kit.clock import SECOND, utc_date
from tests.reference.catalog import CourseCatalog
from tests.reference.course_day import CourseDay, unite_parts
from tests.reference.enrolment import ENROL, ENROLMENTS, LEAVE
from tests.reference.order import in_order
from tests.reference.parts import parts

#: A row without its column ``known``, which is the day on which it happened.
FactRow = tuple[object, ...]


class FactRows(NamedTuple):
    """The rows about learners, without order."""

    enrolments: set[FactRow]
    endings: set[FactRow]
    activity: set[FactRow]
    results: set[FactRow]
    done: set[FactRow]


def gather_facts(events: Iterable[Event], catalog: CourseCatalog) -> FactRows:
    """The facts of a set of events."""
    log = in_order(event for event in events if event.course_id)
    days = [day for day in unite_parts(parts(log).values()).values() if day.course_id]
    return FactRows(
        set(_enrolments(log, days)),
        {*_departures(log), *_completions(log, days, catalog)},
        {row for day in days if day.learning_events for row in _activity(day)},
        set(_results(days)),
        set(_done(days)),
    )


def _moves(log: Iterable[Event]) -> Iterator[Event]:
    """Enrolments and their ends, those left out that change nothing."""
    last: dict[tuple[bytes, str], str] = {}
    for event in log:
        key = (event.student_id, event.course_id)
        if event.event_type in ENROLMENTS and last.get(key) != event.event_type:
            last[key] = event.event_type
            yield event


def _enrolments(log: list[Event], days: list[CourseDay]) -> Iterator[FactRow]:
    came = {(*_who(event), utc_date(event.at)) for event in _moves(log) if event.event_type == ENROL}
    yield from came
    enrolled = {row[:2] for row in came}
    learned: dict[tuple[bytes, str], date] = {}
    for day in sorted(days, key=lambda day: day.day):
        if day.learning_events:
            learned.setdefault((day.student_id, day.course_id), day.day)
    yield from ((*key, day) for key, day in learned.items() if key not in enrolled)


def _departures(log: list[Event]) -> Iterator[FactRow]:
    return ((*_who(e), utc_date(e.at), "withdrew") for e in _moves(log) if e.event_type == LEAVE)


def _completions(log: list[Event], days: list[CourseDay], catalog: CourseCatalog) -> Iterator[FactRow]:
    declared: dict[tuple[bytes, str], date] = {}
    for event in log:
        if event.event_type == "course_complete":
            declared.setdefault(_who(event), utc_date(event.at))
    yield from ((*key, day, "passed") for key, day in declared.items())
    done: dict[tuple[bytes, str], set[str]] = defaultdict(set)
    over: set[tuple[bytes, str]] = set()
    for day in sorted(days, key=lambda day: day.day):
        key, wanted = (day.student_id, day.course_id), set(catalog.lessons.get(day.course_id, ()))
        done[key].update(wanted.intersection(day.lessons_completed))
        if wanted and done[key] == wanted and key not in over:
            over.add(key)
            yield (*key, day.day, "passed")


def _activity(day: CourseDay) -> Iterator[FactRow]:
    kinds: list[tuple[str, int, float | None]] = [
        ("lesson", len(day.lessons_started) + len(day.lessons_completed), day.time_reading / SECOND),
        ("video", len(day.videos_watched), day.time_video / SECOND),
        ("quiz", len(day.quiz_attempts), day.time_quiz / SECOND),
        ("assignment", len(day.submissions), None),
        ("forum", day.forum_posts + day.forum_replies + day.forum_views, None),
        ("live", day.live_joins, None),
    ]
    rest = max(day.learning_events, day.clicks) - sum(count for _, count, _ in kinds)
    for kind, count, seconds in [*kinds, ("other", max(0, rest), None)]:
        if count or seconds:
            yield (day.student_id, day.course_id, day.day, kind, count, seconds)


def _results(days: list[CourseDay]) -> Iterator[FactRow]:
    said: dict[tuple[bytes, str, str], list[tuple[int, date, float | None]]] = defaultdict(list)
    for day in sorted(days, key=lambda day: day.day):
        for hand in day.submissions:
            key = (day.student_id, day.course_id, hand.assessment_id)
            said[key].append((hand.attempt, day.day, None))
        for result in day.quiz_results:
            key = (day.student_id, day.course_id, result.assessment_id)
            said[key].append((result.attempt, day.day, result.score))
        for grade in day.grades:
            if grade.score is not None:
                key = (day.student_id, day.course_id, grade.assessment_id)
                said[key].append((grade.attempt, day.day, grade.score))
    for key, told in said.items():
        for attempt, on, score in told:
            tried = sorted({other for other, then, _ in told if other and then <= on})
            for each in [attempt] if attempt else tried or [1]:
                yield (*key, each, on, score)


def _done(days: list[CourseDay]) -> Iterator[FactRow]:
    first: dict[FactRow, date] = {}
    for day in sorted(days, key=lambda day: day.day):
        for lesson in day.lessons_completed:
            first.setdefault((day.student_id, day.course_id, lesson), day.day)
    return ((*key, on) for key, on in first.items())


def _who(event: Event) -> tuple[bytes, str]:
    return event.student_id, event.course_id
