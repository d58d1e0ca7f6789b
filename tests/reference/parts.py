"""The part of one session_id inside one course on one UTC day: the row from which every rollup is made.

This is the reference for the ClickHouse table ``session_parts``; a parity test compares the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from coursepulse.definitions.playback import VIDEO_EVENTS
from coursepulse.events.event import Event
from coursepulse.events.payloads import REGRADE, Segment
from coursepulse.events.taxonomy import TYPES, TaskKind
from coursepulse.kit.clock import MINUTE, Micros, utc_date
from tests.reference.attempts import Attempt, Result, find_attempts, find_results
from tests.reference.segments import Played, best_report, pair_events
from tests.reference.sessions import Visit, Window, open_windows, visits_begun
from tests.reference.time_on_task import Credit, credit_gaps, kind_of


class PartKey(NamedTuple):
    """``session_id`` may be NIL: facts without a session. ``course_id`` may be empty: outside any course."""

    student_id: bytes
    session_id: bytes
    course_id: str
    day: date


class PartVideo(NamedTuple):
    """What one part holds about one video that a video event of the part names.

    :param duration: largest duration that the events of this row say, or None; 0 says nothing
    :param paired: played segments opened by events of this row, sorted by (start, end), repeats kept
    :param reported: pieces of the row's longest report, sorted, those with end <= start left out; or empty
    :param reported_micros: sum of ``floor((end - start) * 1e6)`` over ``reported`` (0 without a report)
    :param reported_at: ``at`` of the event that carried the report, None without one
    :param reported_by: ``event_id`` of that event, None without one
    """

    video_id: str
    duration: float | None
    paired: tuple[Segment, ...]
    reported: tuple[Segment, ...]
    reported_micros: int
    reported_at: Micros | None
    reported_by: bytes | None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One row. Tuples are sorted and hold each member once, unless said otherwise.

    :param first_at: first event of any type, also of those below
    :param last_at: last event of any type
    :param last_learning_at: last learning event, or None
    :param events: events of any type (``x_…`` never counts)
    :param learning_events: events whose type is learning, without regrades
    :param clicks: sum of ``clicks`` over the learning events
    :param quarter_hours: quarter-hours of the UTC day, 0..95, that hold a learning event
    :param visits: visits to this course that began this day in this session_id (0 for NIL)
    :param visit_micros: sum of their lengths, microseconds
    :param time_video: time on task opened by video events of this row, microseconds
    :param time_quiz: the same for quiz and assignment events
    :param time_reading: the same for every other kind
    :param lessons_started: lessons with a lesson_start or a lesson_complete
    :param lessons_completed: lessons with a lesson_complete
    :param videos: sorted by video_id
    :param quiz_attempts: quiz attempts with a quiz_start, quiz_answer or quiz_submit, at the first of these
    :param quiz_results: the last quiz_submit of each quiz attempt
    :param submissions: assignment attempts with an assignment_submit, at the first of these
    :param grades: the last assignment_graded of each assignment attempt
    :param lesson_times: time on task by the lesson that the event names, microseconds; none without a lesson or time
    """

    student_id: bytes
    session_id: bytes
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
    videos: tuple[PartVideo, ...]
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


class _Credited(NamedTuple):
    """What the sessions of a window hold for one course on the window's day."""

    visits: list[Visit]
    credits: list[Credit]
    played: list[Played]


def parts(events: Iterable[Event]) -> dict[PartKey, Part]:
    """Every part of a set of events."""
    return {
        PartKey(window.student_id, window.session_id, part.course_id, window.day): part
        for window in open_windows(events)
        for part in _parts_of(window)
    }


def _parts_of(window: Window) -> list[Part]:
    by_course: dict[str, list[Event]] = defaultdict(list)
    for event in window.today:
        by_course[event.course_id].append(event)
    opened: dict[str, _Credited] = defaultdict(lambda: _Credited([], [], []))
    for visit in visits_begun(window):
        opened[visit.course_id].visits.append(visit)
    for session in window.sessions:
        for credit in credit_gaps(session):
            if utc_date(credit.event.at) == window.day:
                opened[credit.event.course_id].credits.append(credit)
        for played in pair_events(session):
            if utc_date(played.event.at) == window.day:
                opened[played.event.course_id].played.append(played)
    return [_part(window, today, opened[course_id]) for course_id, today in by_course.items()]


def _part(window: Window, today: Sequence[Event], opened: _Credited) -> Part:
    """:param today: the day's events of one course, in order, at least one"""
    # A regrade is what staff did, whatever type it has.
    learning = [event for event in today if TYPES[event.event_type].learning and event.attempt != REGRADE]
    return Part(
        student_id=window.student_id,
        session_id=window.session_id,
        course_id=today[0].course_id,
        day=window.day,
        first_at=today[0].at,
        last_at=today[-1].at,
        last_learning_at=learning[-1].at if learning else None,
        events=len(today),
        learning_events=len(learning),
        clicks=sum(event.clicks for event in learning),
        quarter_hours=tuple(sorted({quarter_hour(event.at) for event in learning})),
        visits=len(opened.visits),
        visit_micros=sum(visit.last_at - visit.first_at for visit in opened.visits),
        time_video=_time(opened, TaskKind.VIDEO),
        time_quiz=_time(opened, TaskKind.QUIZ),
        time_reading=_time(opened, TaskKind.READING),
        lessons_started=_lessons(today, "lesson_start", "lesson_complete"),
        lessons_completed=_lessons(today, "lesson_complete"),
        videos=_videos(today, opened.played),
        quiz_attempts=find_attempts(today, "quiz_start", "quiz_answer", "quiz_submit"),
        quiz_results=find_results(today, "quiz_submit"),
        submissions=find_attempts(today, "assignment_submit"),
        grades=find_results(today, "assignment_graded"),
        forum_posts=_count(today, "forum_post"),
        forum_replies=_count(today, "forum_reply"),
        forum_views=_count(today, "forum_view"),
        live_joins=_count(today, "live_session_join"),
        interactive_attempts=_count(today, "interactive_attempt"),
        lesson_times=add_times((credit.event.lesson_id, credit.micros) for credit in opened.credits),
    )


def quarter_hour(at: Micros) -> int:
    """The quarter-hour of its UTC day in which a moment lies, 0..95."""
    return at // (15 * MINUTE) % 96


def _time(opened: _Credited, kind: TaskKind) -> Micros:
    return sum(credit.micros for credit in opened.credits if kind_of(credit.event) is kind)


def add_times(times: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """The time of each lesson that has some, by lesson."""
    total: dict[str, int] = defaultdict(int)
    for lesson_id, micros in times:
        total[lesson_id] += micros
    return tuple(sorted((lesson, micros) for lesson, micros in total.items() if lesson and micros))


def _lessons(today: Sequence[Event], *types: str) -> tuple[str, ...]:
    found = {event.lesson_id for event in today if event.event_type in types}
    return tuple(sorted(found - {""}))


def _count(today: Sequence[Event], event_type: str) -> int:
    return sum(event.event_type == event_type for event in today)


def _videos(today: Sequence[Event], played: Sequence[Played]) -> tuple[PartVideo, ...]:
    by_video: dict[str, list[Event]] = defaultdict(list)
    for event in today:
        if event.event_type in VIDEO_EVENTS and event.video_id:
            by_video[event.video_id].append(event)
    return tuple(_video(video_id, by_video[video_id], played) for video_id in sorted(by_video))


def _video(video_id: str, events: Sequence[Event], played: Sequence[Played]) -> PartVideo:
    report = best_report(events)
    return PartVideo(
        video_id,
        duration=max((event.duration for event in events if event.duration), default=None),
        paired=tuple(sorted(each.segment for each in played if each.event.video_id == video_id)),
        reported=report.pieces if report else (),
        reported_micros=report.micros if report else 0,
        reported_at=report.at if report else None,
        reported_by=report.event_id if report else None,
    )
