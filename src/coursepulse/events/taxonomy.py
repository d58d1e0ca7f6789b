"""The table of event types. Everything that depends on the type of an event is declared here."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple

from coursepulse.events import payloads as p


class Priority(IntEnum):
    """Under overload P2 is shed first, then P1; P0 never."""

    P0 = 0
    P1 = 1
    P2 = 2


class TaskKind(StrEnum):
    """The kind of time on task that the gap after an event counts as."""

    VIDEO = "video"
    QUIZ = "quiz"
    READING = "reading"


class EventType(NamedTuple):
    """One row of the table.

    :param trigger: what makes a platform send it
    :param essential: rests on contract (GDPR art. 6(1)(b)) and needs no ``analytics`` consent
    :param learning: makes the student count as active
    """

    name: str
    category: str
    priority: Priority
    trigger: str
    payload: type[p.Payload]
    essential: bool = False
    learning: bool = True
    kind: TaskKind = TaskKind.READING


P0, P1, P2 = Priority
VIDEO, QUIZ = TaskKind.VIDEO, TaskKind.QUIZ

_ROWS = (
    EventType("session_start", "session", P0, "the student opens the platform", p.Payload, learning=False),
    EventType("session_end", "session", P0, "the student leaves", p.Payload, learning=False),
    EventType("course_enroll", "course", P0, "enrolment in a course", p.EnrolmentPayload, True, False),
    EventType(
        "course_unenroll", "course", P1, "enrolment ends before completion", p.EnrolmentPayload, True, False
    ),
    EventType(
        "course_complete", "course", P1, "the platform marks a course complete", p.ResultPayload, True, False
    ),
    EventType("lesson_start", "lesson", P0, "a lesson or page is opened", p.VisitPayload),
    EventType("lesson_complete", "lesson", P0, "a lesson is finished", p.VisitPayload, True),
    EventType("video_play", "video", P0, "playback starts or resumes", p.PlayerPayload, kind=VIDEO),
    EventType("video_pause", "video", P1, "playback pauses or stops", p.PlayerPayload, kind=VIDEO),
    EventType("video_seek", "video", P2, "the playhead jumps", p.SeekPayload, kind=VIDEO),
    EventType("video_complete", "video", P1, "the player reaches the end", p.PlayerPayload, kind=VIDEO),
    EventType("video_progress", "video", P2, "heartbeat of a playing video", p.PlayerPayload, kind=VIDEO),
    EventType("video_rate_change", "video", P2, "playback speed changes", p.PlayerPayload, kind=VIDEO),
    EventType("quiz_start", "quiz", P0, "an attempt at a quiz begins", p.QuizStartPayload, kind=QUIZ),
    EventType("quiz_answer", "quiz", P2, "one question is answered", p.AnswerPayload, kind=QUIZ),
    EventType(
        "quiz_submit", "quiz", P0, "an attempt is handed in and scored", p.ResultPayload, True, kind=QUIZ
    ),
    EventType(
        "assignment_start", "assignment", P1, "work on an assignment begins", p.QuizStartPayload, kind=QUIZ
    ),
    EventType(
        "assignment_submit", "assignment", P0, "an assignment is handed in", p.ResultPayload, True, kind=QUIZ
    ),
    EventType(
        "assignment_graded", "assignment", P0, "a teacher grades it", p.ResultPayload, True, False, QUIZ
    ),
    EventType("live_session_join", "live", P1, "a live class is joined", p.LivePayload),
    EventType("live_session_leave", "live", P1, "a live class is left", p.LivePayload),
    EventType(
        "interactive_attempt", "interactive", P1, "an exercise is tried", p.InteractivePayload, kind=QUIZ
    ),
    EventType("forum_post", "forum", P1, "a new thread", p.ForumPayload),
    EventType("forum_reply", "forum", P1, "a reply in a thread", p.ForumPayload),
    EventType("forum_view", "forum", P2, "a thread is read", p.ForumPayload),
    EventType(
        "certificate_issued", "certificate", P1, "a certificate is issued", p.CertificatePayload, True, False
    ),
    EventType("payment_completed", "payment", P0, "a payment succeeds", p.PaymentPayload, True, False),
    EventType("payment_refunded", "payment", P0, "a payment is returned", p.PaymentPayload, True, False),
)

#: Event types by name.
TYPES: dict[str, EventType] = {row.name: row for row in _ROWS}

#: Names with this prefix are a platform's own.
EXTRA_PREFIX = "x_"

_EXTRA = EventType("x_…", "extra", P2, "the platform's own event", p.ExtraPayload, learning=False)


#: Names that no platform may use: the type of a withdrawn event in PostgreSQL.
RESERVED = frozenset({EXTRA_PREFIX, f"{EXTRA_PREFIX}withdrawn"})


def event_type(name: str) -> EventType | None:
    """The row for a type name, or None for a name we do not know."""
    known = TYPES.get(name)
    if known is None and name.startswith(EXTRA_PREFIX) and name not in RESERVED:
        return _EXTRA
    return known


def names(
    *,
    learning: bool | None = None,
    kind: TaskKind | None = None,
    category: str | None = None,
    essential: bool | None = None,
) -> list[str]:
    """Type names that satisfy every given condition, in the order of the table."""
    return [
        row.name
        for row in _ROWS
        if learning in (None, row.learning)
        and kind in (None, row.kind)
        and category in (None, row.category)
        and essential in (None, row.essential)
    ]
