"""Assignments: what was handed in, and what it was graded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tests.reference.attempts import Attempt, Result, keep_first, keep_last
from tests.reference.course_day import CourseDay


class Assignments(NamedTuple):
    """One student's assignments in one course, to date: one submission and one grade per attempt at most."""

    submissions: tuple[Attempt, ...]
    grades: tuple[Result, ...]


def collect_assignments(days: Iterable[CourseDay]) -> dict[tuple[bytes, str], Assignments]:
    """The assignments of each (student, course) that handed one in or was graded."""
    groups: dict[tuple[bytes, str], list[CourseDay]] = defaultdict(list)
    for day in days:
        if day.submissions or day.grades:
            groups[day.student_id, day.course_id].append(day)
    return {
        key: Assignments(
            keep_first(attempt for day in group for attempt in day.submissions),
            keep_last(grade for day in group for grade in day.grades),
        )
        for key, group in groups.items()
    }
