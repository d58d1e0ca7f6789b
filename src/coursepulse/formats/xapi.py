"""xAPI statements: the video profile, Open edX's own, and common ones about courses, lessons, quizzes and forums.

https://w3id.org/xapi/video (profile), IEEE 9274.1.1 (statements), https://w3id.org/xapi/openedx (Open edX).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from coursepulse.events.event import Context, Envelope
from coursepulse.events.payloads import Segment
from coursepulse.formats.outcome import Refused, Skip, Skipped, invalid, missing
from coursepulse.formats.values import (
    Json,
    derive_id,
    fit_id,
    length,
    mapping,
    moment,
    number,
    present,
    rate,
    seconds,
    text,
)
from coursepulse.formats.xapi_memory import Memory, is_group, same_id
from coursepulse.formats.xapi_statement import (
    PROFILE,
    Statement,
    attempt_of,
    find_course,
    find_related,
    read_statement,
)
from coursepulse.formats.xapi_verbs import ANYWHERE, Activity, event_type_of, unmapped

__all__ = ["PROFILE", "events_of", "from_statement", "note", "parse_segments", "place_of"]

_BIGGEST_SCORE = 1_000_000
#: A scaled score is at most 1, or slightly more with a bonus. A larger value is not a scaled score.
_BIGGEST_SCALED = 2.0

#: Events of Open edX that are not actions of the learner, as in its tracking log.
_OF_NO_SESSION = frozenset({"assignment_graded", "course_complete", "certificate_issued"})
_ASSESSED = ("quiz_", "assignment_", "interactive_")


def from_statement(statement: Any, memory: Memory | None = None) -> list[Envelope] | Skipped | Refused:
    """The events of a statement, usually one.

    Every statement of the video profile becomes one; a verb without a counterpart becomes ``x_xapi_…``.

    :param memory: what a first pass noted about all statements; without it each is read alone
    """
    memory = memory or Memory()
    if not isinstance(statement, dict):
        return invalid("$", "A statement is a JSON object.")
    actor = mapping(statement.get("actor"))
    if is_group(actor):
        return Skipped(Skip.ANONYMOUS)
    parts = read_statement(statement)
    if parts.verb == "voided" or memory.is_void(text(statement.get("id"))):
        return Skipped(Skip.REMOVED)
    student, at = memory.student_of(actor), _moment_of(statement)
    fault = _find_fault(statement, parts, student, at)
    if fault or at is None:
        return fault or missing("$.timestamp")
    types = _types_of(parts)
    if isinstance(types, Skip):
        return Skipped(types)
    return [_envelope(statement, parts, memory, student, at, types, each) for each in types]


def events_of(identifier: str) -> list[str]:
    """The ids of all events that a statement with this id may have become."""
    own = fit_id(identifier)
    return [own, _second_id(own, "quiz_answer")]


def _second_id(own: str, event_type: str) -> str:
    return derive_id(same_id(own), event_type)


def note(statement: Any, memory: Memory) -> None:
    """Notes what other statements must know about this one."""
    if not isinstance(statement, dict):
        return
    parts, actor = read_statement(statement), mapping(statement.get("actor"))
    if parts.verb == "voided":
        if parts.kind == "StatementRef":
            memory.note_void(parts.object_id)
        return
    memory.note_actor(actor)
    types, at, mark = _types_of(parts), _moment_of(statement), attempt_of(parts)
    if at and isinstance(mark, str) and not isinstance(types, Skip) and types[0].startswith(_ASSESSED):
        memory.note_attempt(actor, _assessment_of(parts), mark, at)


def place_of(statement: Json) -> str:
    """The id of what a statement is about."""
    return fit_id(read_statement(statement).object_id)


def _moment_of(statement: Json) -> datetime | None:
    return moment(statement.get("timestamp") or statement.get("stored"))


def _find_fault(statement: Json, parts: Statement, student: str, at: datetime | None) -> Refused | None:
    if not student:
        return missing("$.actor.account.name")
    if not parts.verb:
        return missing("$.verb.id")
    if not statement.get("object"):
        return missing("$.object")
    if not parts.object_id and parts.kind.endswith("Activity"):
        return missing("$.object.id")
    if at is None and (statement.get("timestamp") or statement.get("stored")):
        return invalid("$.timestamp", "The timestamp is not an ISO 8601 time.")
    return None


def _types_of(parts: Statement) -> tuple[str, ...] | Skip:
    """The types of the events of a statement; the one with the statement's own id comes first."""
    if not parts.kind.endswith("Activity"):
        return (ANYWHERE.get(parts.verb) or unmapped(parts.verb),)
    if parts.activity is Activity.QUESTION and parts.verb == "evaluated":
        return _checked(parts)
    if parts.activity is Activity.QUESTION and parts.verb == "attempted":
        return _attempted(parts)
    if parts.openedx and parts.verb == "completed" and parts.activity is Activity.VIDEO:
        return ("video_progress",)  # as in ``complete_video``: most of it was played, and playback continues
    if parts.openedx and parts.verb in ("earned", "progressed"):
        return _graded(parts) if parts.verb == "earned" else _progressed(parts)
    event_type = event_type_of(parts.verb, parts.activity)
    if event_type == "lesson_start" and parts.verb == "progressed" and parts.result.get("completion") is True:
        return ("lesson_complete",)
    if event_type == "video_rate_change" and not _player(event_type, parts.extensions):
        return (unmapped(parts.verb),)
    return (event_type,)


def _checked(parts: Statement) -> tuple[str, ...]:
    """A checked problem is handed in and answered. Each of several questions has its own statement."""
    if parts.kind == "GroupActivity":
        return ("quiz_submit",)
    if find_related(parts, Activity.QUESTION) and not mapping(parts.result.get("score")):
        return ("quiz_answer",)
    return ("quiz_submit", "quiz_answer")


def _attempted(parts: Statement) -> tuple[str, ...] | Skip:
    """A question is attempted. In Open edX this is a click before the answer, or a grade that the answer repeats."""
    scored = _score(mapping(parts.result.get("score")))
    if not parts.openedx:
        said = scored or isinstance(parts.result.get("success"), bool)
        return ("quiz_answer",) if said else ("quiz_start",)
    if not parts.result or parts.block == "problem":
        return Skip.TWIN
    return ("quiz_submit",) if scored else Skip.NO_ACTIVITY


def _graded(parts: Statement) -> tuple[str, ...] | Skip:
    """The grade of a subsection. The grade of a course has no counterpart here."""
    if parts.activity is not Activity.LESSON:
        return (event_type_of(parts.verb, parts.activity),)
    return ("assignment_graded",) if _score(mapping(parts.result.get("score"))) else Skip.NO_ACTIVITY


def _progressed(parts: Statement) -> tuple[str, ...]:
    """A learner's progress in a block. Only a subsection is a lesson, and it is completed or not."""
    done = parts.result.get("completion") is True
    return ("lesson_complete",) if done and parts.block == "sequential" else (unmapped(parts.verb),)


def _envelope(
    statement: Json,
    parts: Statement,
    memory: Memory,
    student: str,
    at: datetime,
    types: tuple[str, ...],
    event_type: str,
) -> Envelope:
    own = fit_id(text(statement.get("id"))) or derive_id("xapi", statement)
    payload: dict[str, Any] = {}
    if not event_type.startswith("x_"):
        payload = _payload(event_type, parts, _attempt(event_type, parts, memory, statement))
    return Envelope(
        event_id=own if event_type == types[0] else _second_id(own, event_type),
        event_type=event_type,
        timestamp=at,
        student_id=student,
        session_id="" if parts.openedx and event_type in _OF_NO_SESSION else _session_of(parts),
        context=_context(event_type, parts, text(mapping(statement.get("object")).get("id"))),
        payload=payload,
    )


def _session_of(parts: Statement) -> str:
    session = parts.extensions.get("session-id") or parts.extensions.get("sessionid")
    return fit_id(text(session) or text(parts.context.get("registration")))


def _attempt(event_type: str, parts: Statement, memory: Memory, statement: Json) -> int:
    if not event_type.startswith((*_ASSESSED, "course_complete")):
        return 1
    mark = attempt_of(parts)
    if isinstance(mark, int):
        return mark
    return memory.number_of(mapping(statement.get("actor")), _assessment_of(parts), mark)


def _assessment_of(parts: Statement) -> str:
    """What is assessed: the quiz that contains a question, the problem that contains a part, or the object itself."""
    found = find_related(parts, Activity.ASSESSMENT) or find_related(parts, Activity.EXAM)
    if parts.activity is Activity.QUESTION and not found:
        found = find_related(parts, Activity.QUESTION)
    return found or parts.object_id


def _context(event_type: str, parts: Statement, address: str) -> Context:
    """:param address: the object's id as it is written"""
    ids = {"course_id": find_course(parts, address), "lesson_id": find_related(parts, Activity.LESSON)}
    if parts.activity is Activity.COURSE:
        ids["course_id"] = parts.object_id
    elif parts.activity is Activity.VIDEO:
        ids["video_id"] = parts.object_id
    elif parts.activity is Activity.LESSON and event_type != "assignment_graded" and _holds_blocks(parts):
        ids["lesson_id"] = parts.object_id
    if event_type.startswith(("quiz_", "assignment_")):
        ids["assessment_id"] = _assessment_of(parts)
    return Context(**{name: fit_id(identifier) for name, identifier in ids.items()})


def _holds_blocks(parts: Statement) -> bool:
    """Whether an Open edX block can be a lesson: a single text or problem cannot."""
    return parts.block in ("", "sequential", "vertical", "chapter")


def _payload(event_type: str, parts: Statement, attempt: int) -> dict[str, Any]:
    if event_type.startswith("video_"):
        return _player(event_type, parts.extensions)
    if event_type in ("quiz_submit", "assignment_submit", "assignment_graded", "course_complete"):
        return _scored(event_type, parts, attempt)
    if event_type in ("quiz_answer", "interactive_attempt"):
        success = parts.result.get("success")
        return present(
            question_id=fit_id(parts.object_id) if parts.activity is Activity.QUESTION else None,
            is_correct=success if isinstance(success, bool) else None,
            attempt=attempt,
        )
    if event_type == "quiz_start":
        return {"attempt": attempt}
    if event_type.startswith("forum_"):
        return {"thread_id": fit_id(parts.object_id)}
    return {}


def _player(event_type: str, extensions: Json) -> dict[str, Any]:
    fields = present(
        current_time=seconds(extensions.get("time")),
        video_duration=length(extensions.get("length")),
        playback_rate=rate(extensions.get("speed-to", extensions.get("speed"))),
        video_quality=text(extensions.get("quality"))[:128],
        played_segments=tuple(parse_segments(text(extensions.get("played-segments")))),
    )
    if event_type == "video_seek":
        fields |= present(
            from_time=seconds(extensions.get("time-from")), to_time=seconds(extensions.get("time-to"))
        )
    return fields


def parse_segments(spelled: str) -> Iterator[Segment]:
    """The segments of ``a[.]b[,]c[.]d[,]e``, in seconds.

    While the video plays, the last one has no end: it is ignored, and the next report closes it.
    """
    for segment in spelled.split("[,]"):
        start, separator, end = segment.partition("[.]")
        begun, ended = seconds(start), seconds(end)
        if separator and begun is not None and ended is not None and ended > begun:
            yield begun, ended


def _scored(event_type: str, parts: Statement, attempt: int) -> dict[str, Any]:
    score = _score(mapping(parts.result.get("score")))
    success = parts.result.get("success")
    # With points, ``success`` in Open edX means that everything was right, so the pass mark decides.
    stated = isinstance(success, bool) and not (parts.openedx and score)
    passed = {"passed": True, "failed": False}.get(parts.verb, success if stated else None)
    fields = score | present(passed=passed)
    return fields if event_type == "assignment_graded" and attempt == 1 else fields | {"attempt": attempt}


def _score(score: Json) -> dict[str, float]:
    """Raw of max, or the scaled score in per cent; a raw score alone is one of 100.

    None if the maximum is 0. Scaled scores may be as low as -1, which is 0 points. A value that is not a scaled score,
    such as 85, gives None: its maximum could be 100 or 1000.
    """
    raw, most, scaled = (number(score.get(field)) for field in ("raw", "max", "scaled"))
    if most is not None and most <= 0:
        return {}
    if raw is not None and most is not None and most <= _BIGGEST_SCORE:
        return {"score": min(max(raw, 0.0), _BIGGEST_SCORE), "max_score": most}
    if scaled is not None and -1 <= scaled <= _BIGGEST_SCALED:
        return {"score": 100 * min(max(scaled, 0.0), 1.0)}
    if raw is not None and most is None and raw <= 100:
        return {"score": max(raw, 0.0)}
    return {}
