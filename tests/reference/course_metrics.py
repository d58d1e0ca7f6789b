"""The row that everything course-shaped is read from: one student, one course, one day.

This is the reference for the ClickHouse view ``student_course_metrics``, column by column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo

import msgspec

from coursepulse.definitions.activity import local_today
from coursepulse.definitions.streak import current_streak
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, SECOND, Micros, to_micros
from tests.reference.activity import last_learning, local_days
from tests.reference.assignments import collect_assignments
from tests.reference.catalog import CourseCatalog
from tests.reference.course_day import CourseDay, CourseDayKey, unite_parts
from tests.reference.lessons import collect_progress, completion_percent, list_lessons
from tests.reference.parts import Part, parts
from tests.reference.quizzes import collect_quizzes
from tests.reference.video import collect_watches, find_durations, mean_watched


class CourseMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds, scores and shares in per cent; None where there is nothing to average.

    Of the day alone: the times, sessions and videos_watched. To date, from the first event up to the end of
    the day: everything else. ``streak_days`` is the learner's streak over all courses.
    """

    completion_pct: float | None
    lessons_completed: int
    lessons_started: int
    total_lessons: int
    time_spent_total: float
    time_spent_video: float
    time_spent_reading: float
    time_spent_quiz: float
    sessions_count: int
    avg_session_duration: float | None
    videos_watched: int
    video_watch_pct_avg: float | None
    quizzes_attempted: int
    quizzes_passed: int
    quiz_avg_score: float | None
    assignments_submitted: int
    last_activity_at: Micros | None
    streak_days: int


def course_metrics(
    events: Iterable[Event], catalog: CourseCatalog, zones: Mapping[bytes, tzinfo] | None = None
) -> dict[CourseDayKey, CourseMetrics]:
    """The row of every course day of a set of events; what happened outside any course has none.

    :param zones: the time zone of each student, UTC for the others
    """
    rows = list(parts(events).values())
    days = unite_parts(rows)
    lessons = list_lessons(days.values(), catalog)
    # A video is as long as anybody has ever said, not as anybody had said by then.
    known = msgspec.structs.replace(catalog, durations=find_durations(rows, catalog))
    days_of: dict[tuple[bytes, str], list[CourseDay]] = defaultdict(list)
    parts_of: dict[tuple[bytes, str], list[Part]] = defaultdict(list)
    all_days: dict[bytes, list[CourseDay]] = defaultdict(list)
    for day in days.values():
        days_of[day.student_id, day.course_id].append(day)
        all_days[day.student_id].append(day)
    for part in rows:
        parts_of[part.student_id, part.course_id].append(part)
    return {
        key: _to_date(
            day,
            [each for each in days_of[key[:2]] if each.day <= key.day],
            [each for each in parts_of[key[:2]] if each.day <= key.day],
            lessons[key.course_id],
            known,
            streak=_streak(all_days[key.student_id], key.day, (zones or {}).get(key.student_id, UTC)),
        )
        for key, day in days.items()
        if key.course_id
    }


def _streak(days: Sequence[CourseDay], last: date, zone: tzinfo) -> int:
    """The streak at the last moment of the UTC day ``last``."""
    end = to_micros(datetime.combine(last, time(), UTC)) + DAY - 1
    return current_streak(local_days((day for day in days if day.day <= last), zone), local_today(end, zone))


def _to_date(
    day: CourseDay,
    days: Sequence[CourseDay],
    rows: Sequence[Part],
    lessons: Sequence[str],
    catalog: CourseCatalog,
    *,
    streak: int,
) -> CourseMetrics:
    """:param days: the student's days in the course up to ``day``; ``rows`` the parts of the same days"""
    key = (day.student_id, day.course_id)
    progress = collect_progress(days)[key]
    quizzes = collect_quizzes(days, catalog).get(key)
    assignments = collect_assignments(days).get(key)
    on_task = day.time_video + day.time_reading + day.time_quiz
    return CourseMetrics(
        completion_pct=completion_percent(progress, catalog.lessons.get(day.course_id, ())),
        lessons_completed=len(progress.completed),
        lessons_started=len(progress.started),
        total_lessons=len(lessons),
        time_spent_total=on_task / SECOND,
        time_spent_video=day.time_video / SECOND,
        time_spent_reading=day.time_reading / SECOND,
        time_spent_quiz=day.time_quiz / SECOND,
        sessions_count=day.visits,
        avg_session_duration=day.visit_micros / day.visits / SECOND if day.visits else None,
        videos_watched=len(day.videos_watched),
        video_watch_pct_avg=mean_watched(collect_watches(rows, catalog).values()),
        quizzes_attempted=len(quizzes.attempts) if quizzes else 0,
        quizzes_passed=len(quizzes.passed) if quizzes else 0,
        quiz_avg_score=quizzes.average if quizzes else None,
        assignments_submitted=len(assignments.submissions) if assignments else 0,
        last_activity_at=last_learning(days).get(day.student_id),
        streak_days=streak,
    )
