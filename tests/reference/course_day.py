"""One student, one course, one UTC day: the union of the parts of that day.

This is the reference for the ClickHouse table ``student_course_days``; a parity test compares the two.
Enrolments and answers to single questions are not in here: they are read from row-wise views over the events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from tests.reference.attempts import Attempt, Result, keep_first, keep_last
from tests.reference.parts import Part, add_times, parts


class CourseDayKey(NamedTuple):
    """``course_id`` may be empty: outside any course."""

    student_id: bytes
    course_id: str
    day: date


class CourseDay(msgspec.Struct, frozen=True, kw_only=True):
    """One row. Every field means what it means in a ``Part``, over all session_ids of the day.

    Numbers are summed, first and last taken, tuples united. Of one attempt the earliest start, the earliest
    submission and the latest result (by at, event_id) are kept.

    :param videos_watched: videos with a paired or a reported segment this day
    """

    student_id: bytes
    course_id: str
    day: date
    first_at: Micros
    last_at: Micros
    last_learning_at: Micros | None
    events: int
    learning_events: int
    clicks: int
    quarter_hours: tuple[int, ...]
    visits: int
    visit_micros: int
    time_video: int
    time_quiz: int
    time_reading: int
    lessons_started: tuple[str, ...]
    lessons_completed: tuple[str, ...]
    videos_watched: tuple[str, ...]
    quiz_attempts: tuple[Attempt, ...]
    quiz_results: tuple[Result, ...]
    submissions: tuple[Attempt, ...]
    grades: tuple[Result, ...]
    forum_posts: int
    forum_replies: int
    forum_views: int
    live_joins: int
    interactive_attempts: int
    lesson_times: tuple[tuple[str, int], ...]


def course_days(events: Iterable[Event]) -> dict[CourseDayKey, CourseDay]:
    """Every course day of a set of events."""
    return unite_parts(parts(events).values())


def unite_parts(rows: Iterable[Part]) -> dict[CourseDayKey, CourseDay]:
    """The course days of a set of parts, each part once."""
    groups: dict[CourseDayKey, list[Part]] = defaultdict(list)
    for part in rows:
        groups[CourseDayKey(part.student_id, part.course_id, part.day)].append(part)
    return {key: _unite(key, group) for key, group in groups.items()}


def _unite(key: CourseDayKey, group: Sequence[Part]) -> CourseDay:
    def total(field: Callable[[Part], int]) -> int:
        return sum(map(field, group))

    return CourseDay(
        student_id=key.student_id,
        course_id=key.course_id,
        day=key.day,
        first_at=min(part.first_at for part in group),
        last_at=max(part.last_at for part in group),
        last_learning_at=max(
            (part.last_learning_at for part in group if part.last_learning_at is not None), default=None
        ),
        events=total(lambda part: part.events),
        learning_events=total(lambda part: part.learning_events),
        clicks=total(lambda part: part.clicks),
        quarter_hours=tuple(sorted({quarter for part in group for quarter in part.quarter_hours})),
        visits=total(lambda part: part.visits),
        visit_micros=total(lambda part: part.visit_micros),
        time_video=total(lambda part: part.time_video),
        time_quiz=total(lambda part: part.time_quiz),
        time_reading=total(lambda part: part.time_reading),
        lessons_started=_all_ids(part.lessons_started for part in group),
        lessons_completed=_all_ids(part.lessons_completed for part in group),
        videos_watched=_all_ids(_videos_watched(part) for part in group),
        quiz_attempts=keep_first(attempt for part in group for attempt in part.quiz_attempts),
        quiz_results=keep_last(result for part in group for result in part.quiz_results),
        submissions=keep_first(attempt for part in group for attempt in part.submissions),
        grades=keep_last(result for part in group for result in part.grades),
        forum_posts=total(lambda part: part.forum_posts),
        forum_replies=total(lambda part: part.forum_replies),
        forum_views=total(lambda part: part.forum_views),
        live_joins=total(lambda part: part.live_joins),
        interactive_attempts=total(lambda part: part.interactive_attempts),
        lesson_times=add_times(each for part in group for each in part.lesson_times),
    )


def _all_ids(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({each for group in groups for each in group}))


def _videos_watched(part: Part) -> list[str]:
    return [video.video_id for video in part.videos if video.paired or video.reported]
