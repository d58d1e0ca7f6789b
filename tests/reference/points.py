"""What students have achieved in a course, and their leaderboard: event by event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import floor

import msgspec

from coursepulse.definitions.points import Achieved
from coursepulse.events.event import Event
from tests.reference.assignments import collect_assignments
from tests.reference.catalog import CourseCatalog
from tests.reference.course_day import CourseDay, unite_parts
from tests.reference.lessons import collect_progress, list_lessons
from tests.reference.parts import parts
from tests.reference.quizzes import best_scores, collect_quizzes, is_passing
from tests.reference.video import collect_watches, find_durations


def achieved(
    events: Iterable[Event],
    catalog: CourseCatalog,
    student: bytes,
    course: str,
    until: date,
    replies_a_day: int,
) -> Achieved:
    """What a student had achieved in a course before a UTC day, with the catalog of now."""
    rows = list(parts(events).values())
    days = list(unite_parts(rows).values())
    known = msgspec.structs.replace(catalog, durations=find_durations(rows, catalog))
    own = [row for row in rows if (row.student_id, row.course_id) == (student, course) and row.day < until]
    watches = collect_watches(own, known).values()
    own_days = [
        day for day in days if (day.student_id, day.course_id) == (student, course) and day.day < until
    ]
    passed, score_pct = _graded(own_days, catalog, (student, course))
    return Achieved(
        lessons=_lessons(own_days, list_lessons(days, catalog).get(course, ())),
        passed=passed,
        score_pct=score_pct,
        videos=sum(watch.complete for watch in watches),
        days=sum(day.learning_events > 0 for day in own_days),
        replies=sum(min(day.forum_replies, replies_a_day) for day in own_days),
    )


def present(events: Iterable[Event], course: str) -> set[bytes]:
    """Who has an event in a course; nobody leaves one in the vectors about points."""
    return {event.student_id for event in events if event.course_id == course}


def _lessons(days: list[CourseDay], listed: Iterable[str]) -> int:
    done = {lesson for each in collect_progress(days).values() for lesson in each.completed}
    return len(done & set(listed))


def _graded(days: list[CourseDay], catalog: CourseCatalog, key: tuple[bytes, str]) -> tuple[int, int]:
    quizzes, assignments = collect_quizzes(days, catalog).get(key), collect_assignments(days).get(key)
    results = [*(quizzes.results if quizzes else ()), *(assignments.grades if assignments else ())]
    passed = {each.assessment_id for each in results if is_passing(each, key[1], catalog)}
    return len(passed), sum(floor(score + 0.5) for score in best_scores(results).values())
