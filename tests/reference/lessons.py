"""Lessons: how far each student got, and where students stop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from coursepulse.kit.clock import SECOND
from tests.reference.catalog import CourseCatalog
from tests.reference.course_day import CourseDay
from tests.reference.stats import quantile


class LessonProgress(NamedTuple):
    """One student in one course, to date. A completed lesson is also a started one."""

    started: frozenset[str]
    completed: frozenset[str]


class LessonStop(NamedTuple):
    """How many students reached one lesson."""

    lesson_id: str
    started: int
    completed: int


class LessonTime(NamedTuple):
    """How many students worked at one lesson, and the quartiles of their seconds; None without any."""

    lesson_id: str
    learners: int
    low: float | None
    median: float | None
    high: float | None


def collect_progress(days: Iterable[CourseDay]) -> dict[tuple[bytes, str], LessonProgress]:
    """The progress of each (student, course)."""
    found: dict[tuple[bytes, str], LessonProgress] = defaultdict(
        lambda: LessonProgress(frozenset(), frozenset())
    )
    for day in days:
        key = (day.student_id, day.course_id)
        before = found[key]
        found[key] = LessonProgress(
            before.started.union(day.lessons_started), before.completed.union(day.lessons_completed)
        )
    return dict(found)


def list_lessons(days: Iterable[CourseDay], catalog: CourseCatalog) -> dict[str, tuple[str, ...]]:
    """The lessons of each course: the catalog's, else those that anybody started or completed so far, by id."""
    seen: dict[str, set[str]] = defaultdict(set)
    for day in days:
        seen[day.course_id].update(day.lessons_started)
    return {course_id: tuple(sorted(ids)) for course_id, ids in seen.items()} | catalog.lessons


def completion_percent(progress: LessonProgress, lessons: Iterable[str]) -> float | None:
    """Completed lessons in per cent of the course's ``lessons``; None when it has none.

    :param lessons: by the catalog. Lessons seen so far would not do: the first to complete one would be at 100 %
    """
    of_course = frozenset(lessons)
    return 100.0 * len(progress.completed & of_course) / len(of_course) if of_course else None


def own_times(days: Iterable[CourseDay], student_id: bytes, course_id: str) -> dict[str, float]:
    """The seconds of one student at each lesson of a course, as far as there are any."""
    total: dict[str, int] = defaultdict(int)
    for day in days:
        if (day.student_id, day.course_id) == (student_id, course_id):
            for lesson, micros in day.lesson_times:
                total[lesson] += micros
    return {lesson: micros / SECOND for lesson, micros in total.items()}


def class_times(days: Iterable[CourseDay], catalog: CourseCatalog, course_id: str) -> list[LessonTime]:
    """How long students worked at each lesson of a course, in its order."""
    rows = [day for day in days if day.course_id == course_id]
    times = [own_times(rows, student, course_id) for student in {day.student_id for day in rows}]
    of_lesson = {
        lesson: [own[lesson] for own in times if lesson in own]
        for lesson in list_lessons(rows, catalog).get(course_id, ())
    }
    return [
        LessonTime(
            lesson, len(found), *(quantile(found, level) if found else None for level in (0.25, 0.5, 0.75))
        )
        for lesson, found in of_lesson.items()
    ]


def drop_off(days: Iterable[CourseDay], catalog: CourseCatalog, course_id: str) -> list[LessonStop]:
    """Students who started and completed each lesson of a course, in its order."""
    rows = [day for day in days if day.course_id == course_id]
    students = list(collect_progress(rows).values())
    return [
        LessonStop(
            lesson_id,
            started=sum(lesson_id in student.started for student in students),
            completed=sum(lesson_id in student.completed for student in students),
        )
        for lesson_id in list_lessons(rows, catalog).get(course_id, ())
    ]
