"""Event logs as hypothesis finds them: realistic where it matters, and as hostile as the collector lets through."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from coursepulse.events.event import Event
from coursepulse.events.payloads import REGRADE
from coursepulse.events.taxonomy import TYPES, names
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros
from coursepulse.kit.ids import NIL, to_bytes
from tests.reference.catalog import AssessmentKey, CourseCatalog
from tests.reference.playback import VideoKey

#: Sunday 2026-03-01 00:00 UTC: two days later a week, and for some zones a month, has turned.
START: Micros = 1_772_323_200 * SECOND

STUDENTS = [to_bytes(name, "student") for name in ("ann", "bob", "cal")]
COURSES = ["c1", "c2", ""]

#: Knows some lessons, videos and assessments, and not others.
CATALOG = CourseCatalog(
    lessons={"c1": ("l1", "l2", "l3")},
    durations={VideoKey("c1", "v1"): 600.0},
    pass_marks={AssessmentKey("c1", "q1"): 75.0},
    due={AssessmentKey("c1", "q1"): START + DAY, AssessmentKey("c1", "q2"): START + 30 * DAY},
)

#: The silences at which rules change, and a few that nobody thought of.
_gaps = (
    st.sampled_from([0, 0, 1, SECOND // 4, SECOND, 10 * SECOND, 7 * HOUR, DAY])
    | st.sampled_from([5 * MINUTE, 5 * MINUTE + 1, 30 * MINUTE - 1, 30 * MINUTE, 30 * MINUTE + 1])
    | st.integers(0, 40 * MINUTE)
)

#: Before and after midnight, on three days.
_starts = st.sampled_from(
    [0, 10 * HOUR, DAY - 10 * MINUTE, DAY - 1, DAY, 2 * DAY - 2 * MINUTE]
) | st.integers(0, 3 * DAY)

_seconds = st.integers(0, 700).map(float) | st.floats(0, 700, allow_subnormal=False, width=32)
_segments = st.lists(st.tuples(_seconds, _seconds), max_size=3).map(tuple)

_video_types = st.sampled_from(names(category="video"))
_other_types = st.sampled_from(
    [*(set(TYPES) - set(names(category="video"))), "x_heartbeat"]
) | st.sampled_from(
    ["lesson_start", "lesson_complete", "quiz_answer", "quiz_submit", "assignment_graded", "session_end"]
)


class Step(NamedTuple):
    """What happens next in a session, ``gap`` after what happened before."""

    gap: Micros
    event_type: str
    course_id: str
    number: int
    position: float | None
    position_to: float | None
    duration: float | None
    rate: float | None
    segments: tuple[tuple[float, float], ...]
    score: float | None
    verdict: bool | None
    attempt: int


_steps = st.builds(
    Step,
    gap=_gaps,
    event_type=_video_types | _video_types | _other_types,
    course_id=st.sampled_from(["c1", "c1", "c1", *COURSES]),
    number=st.sampled_from([0, 1, 1, 1, 2]),
    position=st.none() | _seconds,
    position_to=st.none() | _seconds,
    duration=st.sampled_from([None, None, 600.0, 500.0, 0.0]),
    rate=st.sampled_from([None, None, 1.0, 0.5, 1.25, 2.0, 16.0]),
    segments=st.just(()) | st.just(()) | _segments,
    score=st.none() | st.integers(0, 100).map(float),
    verdict=st.sampled_from([None, True, False]),
    attempt=st.sampled_from([1, 1, 2, REGRADE]),
)


@st.composite
def event_logs(draw: st.DrawFn, sessions: int = 4, steps: int = 10) -> list[Event]:
    """Events of several students and sessions, ids unique, in the order in which they happened per session.

    :param sessions: at most as many; some session_ids come back, some are NIL
    :param steps: at most as many per session
    """
    events: list[Event] = []
    for _ in range(draw(st.integers(1, sessions))):
        student = draw(st.sampled_from(STUDENTS))
        session_id = draw(st.sampled_from([NIL, *(to_bytes(name, "session") for name in ("s1", "s2", "s3"))]))
        at = START + draw(_starts)
        for step in draw(st.lists(_steps, min_size=1, max_size=steps)):
            at += step.gap
            events.append(make_event(f"e{len(events)}", student, session_id, at, step))
    return events


def make_event(event_id: str, student: bytes, session_id: bytes, at: Micros, step: Step) -> Event:
    """The event of one step. Number 0 means that the event does not say which lesson, video or quiz it is."""

    def name(letter: str) -> str:
        return f"{letter}{step.number}" if step.number else ""

    category = step.event_type.partition("_")[0]
    return Event(
        to_bytes(event_id, "event"),
        step.event_type,
        at,
        student,
        session_id,
        step.course_id,
        lesson_id=name("l") if category in ("lesson", "video") else "",
        video_id=name("v") if category == "video" else "",
        assessment_id=name("q") if category in ("quiz", "assignment") else "",
        position=step.position,
        position_to=step.position_to,
        duration=step.duration,
        rate=step.rate,
        segments=step.segments,
        score=step.score,
        passed=step.verdict,
        attempt=step.attempt
        if step.event_type in ("quiz_submit", "assignment_graded")
        else step.attempt or 1,
        question_id=name("k") if step.event_type == "quiz_answer" else "",
        correct=step.verdict,
    )
