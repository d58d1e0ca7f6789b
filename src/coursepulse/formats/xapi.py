"""xAPI statements: the video profile, and what is sensible of courses, lessons, quizzes and forums.

https://w3id.org/xapi/video (profile), IEEE 9274.1.1 (statements).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha1
from typing import Any, NamedTuple

from coursepulse.events.event import Context, Envelope
from coursepulse.events.payloads import Segment
from coursepulse.formats.outcome import Refused, Skip, Skipped, invalid, missing
from coursepulse.formats.values import (
    Json,
    derive_id,
    first,
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
from coursepulse.formats.xapi_verbs import ACTIVITIES, Activity, event_type_of

PROFILE = "https://w3id.org/xapi/video"
_EXTENSION = f"{PROFILE}/extensions/"
_ATTEMPT = "http://id.tincanapi.com/extension/attempt"
_BIGGEST_SCORE = 1_000_000


class _Parts(NamedTuple):
    """The objects of a statement that the mapping reads, each empty when absent."""

    verb: str
    activity: Activity
    object_id: str
    result: Json
    context: Json
    extensions: Json


def from_statement(statement: Any) -> Envelope | Skipped | Refused:
    """The event that a statement tells of.

    Every statement of the video profile becomes one; a verb without a counterpart becomes ``x_xapi_…``.
    """
    if not isinstance(statement, dict):
        return invalid("$", "A statement is a JSON object.")
    parts = _take_apart(statement)
    actor = mapping(statement.get("actor"))
    if actor.get("objectType") == "Group":
        return Skipped(Skip.ANONYMOUS)
    if parts.verb == "voided":
        return Skipped(Skip.NO_ACTIVITY)
    at = moment(statement.get("timestamp") or statement.get("stored"))
    student = student_of(actor)
    fault = _find_fault(statement, parts, student, at)
    if fault or at is None:
        return fault or missing("$.timestamp")
    return _envelope(statement, parts, student, at)


def _find_fault(statement: Json, parts: _Parts, student: str, at: datetime | None) -> Refused | None:
    if not student:
        return missing("$.actor.account.name")
    if not parts.verb:
        return missing("$.verb.id")
    if not parts.object_id:
        return missing("$.object.id")
    if at is None and (statement.get("timestamp") or statement.get("stored")):
        return invalid("$.timestamp", "The timestamp is not an ISO 8601 time.")
    return None


def _envelope(statement: Json, parts: _Parts, student: str, at: datetime) -> Envelope:
    event_type = event_type_of(parts.verb, parts.activity)
    session = text(parts.extensions.get("session-id")) or text(parts.context.get("registration"))
    return Envelope(
        event_id=fit_id(text(statement.get("id"))) or derive_id("xapi", statement),
        event_type=event_type,
        timestamp=at,
        student_id=student,
        session_id=fit_id(session),
        context=_context(event_type, parts),
        payload={} if event_type.startswith("x_") else _payload(event_type, parts),
    )


def _take_apart(statement: Json) -> _Parts:
    thing = mapping(statement.get("object"))
    context = mapping(statement.get("context"))
    result = mapping(statement.get("result"))
    return _Parts(
        verb=_last(text(mapping(statement.get("verb")).get("id"))),
        activity=_activity_of(thing, context),
        object_id=text(thing.get("id")),
        result=result,
        context=context,
        extensions=dict(_short_extensions(context, result)),
    )


def _short_extensions(*places: Json) -> Iterator[tuple[str, Any]]:
    """The profile's extensions under their short names. ``length`` stands in the context or in the result."""
    for place in places:
        for name, value in mapping(place.get("extensions")).items():
            if name.startswith(_EXTENSION):
                yield name.removeprefix(_EXTENSION), value
            elif name == _ATTEMPT:
                yield "attempt", value


def _activity_of(thing: Json, context: Json) -> Activity:
    kind = ACTIVITIES.get(_last(text(mapping(thing.get("definition")).get("type"))).lower())
    if kind:
        return kind
    profiles = {text(mapping(each).get("id")) for each in _related(context, "category")}
    return Activity.VIDEO if PROFILE in profiles else Activity.OTHER


def _related(context: Json, relation: str) -> list[Any]:
    """Activities of one relation: an array, or one object as xAPI 0.95 wrote it."""
    found = mapping(context.get("contextActivities")).get(relation)
    return found if isinstance(found, list) else [found] if found else []


def _last(iri: str) -> str:
    return iri.rstrip("/").rpartition("/")[2].rpartition("#")[2]


def student_of(actor: Json) -> str:
    """The platform's id of an actor: the account's name, otherwise a hash of the mailbox, or the OpenID.

    Statements may give the mailbox itself or its SHA-1; both must come out as the same person.
    """
    account = text(mapping(actor.get("account")).get("name"))
    if account:
        return fit_id(account)
    mailbox = text(actor.get("mbox"))
    if mailbox:
        return sha1(mailbox.encode(), usedforsecurity=False).hexdigest()
    return fit_id(text(actor.get("mbox_sha1sum")).lower() or text(actor.get("openid")))


def _context(event_type: str, parts: _Parts) -> Context:
    ids = {
        "course_id": _find_parent(parts, Activity.COURSE),
        "lesson_id": _find_parent(parts, Activity.LESSON),
    }
    if parts.activity is Activity.COURSE:
        ids["course_id"] = parts.object_id
    elif parts.activity is Activity.VIDEO:
        ids["video_id"] = parts.object_id
    elif parts.activity is Activity.LESSON:
        ids["lesson_id"] = parts.object_id
    if event_type.startswith(("quiz_", "assignment_")):
        ids["assessment_id"] = _find_parent(parts, Activity.ASSESSMENT) or parts.object_id
    return Context(**{name: fit_id(identifier) for name, identifier in ids.items()})


def _find_parent(parts: _Parts, kind: Activity) -> str:
    """The nearest related activity of a kind: parents first, then the wider grouping."""
    for relation in ("parent", "grouping"):
        for each in _related(parts.context, relation):
            related = mapping(each)
            named = _last(text(mapping(related.get("definition")).get("type"))).lower()
            if ACTIVITIES.get(named) is kind:
                return text(related.get("id"))
    return ""


def _payload(event_type: str, parts: _Parts) -> dict[str, Any]:
    if event_type.startswith("video_"):
        return _player(event_type, parts.extensions)
    if event_type in ("quiz_submit", "assignment_submit", "course_complete"):
        return _scored(parts)
    if event_type in ("quiz_answer", "interactive_attempt"):
        success = parts.result.get("success")
        return present(
            question_id=fit_id(parts.object_id) if parts.activity is Activity.QUESTION else None,
            is_correct=success if isinstance(success, bool) else None,
            attempt=_attempt(parts),
        )
    if event_type == "quiz_start":
        return {"attempt": _attempt(parts)}
    if event_type.startswith("forum_"):
        return {"thread_id": fit_id(parts.object_id)}
    return {}


def _player(event_type: str, extensions: Json) -> dict[str, Any]:
    quality = extensions.get("quality")
    fields = present(
        current_time=seconds(extensions.get("time")),
        video_duration=length(extensions.get("length")),
        playback_rate=rate(extensions.get("speed")),
        video_quality=text(quality)[:128],
        played_segments=tuple(parse_segments(text(extensions.get("played-segments")))),
    )
    if event_type == "video_seek":
        fields |= present(
            from_time=seconds(extensions.get("time-from")), to_time=seconds(extensions.get("time-to"))
        )
    return fields


def parse_segments(spelled: str) -> Iterator[Segment]:
    """The segments of ``a[.]b[,]c[.]d[,]e``, in seconds.

    The last one is open while the video plays and has no end: it is ignored, the next report will close it.
    """
    for segment in spelled.split("[,]"):
        start, separator, end = segment.partition("[.]")
        begun, ended = seconds(start), seconds(end)
        if separator and begun is not None and ended is not None and ended > begun:
            yield begun, ended


def _attempt(parts: _Parts) -> int:
    found = first(parts.extensions.get("attempt"))
    return found if isinstance(found, int) and 1 <= found <= 10_000 else 1


def _scored(parts: _Parts) -> dict[str, Any]:
    success = parts.result.get("success")
    passed = {"passed": True, "failed": False}.get(parts.verb, success if isinstance(success, bool) else None)
    attempt = _attempt(parts)
    return _score(mapping(parts.result.get("score"))) | present(passed=passed, attempt=attempt)


def _score(score: Json) -> dict[str, float]:
    """Raw of max, or the scaled score in per cent. Scaled scores reach down to -1: those are 0 points."""
    raw, most, scaled = (number(score.get(field)) for field in ("raw", "max", "scaled"))
    if raw is not None and most is not None and 0 < most <= _BIGGEST_SCORE:
        return {"score": min(max(raw, 0.0), _BIGGEST_SCORE), "max_score": most}
    if scaled is not None:
        return {"score": 100 * min(max(scaled, 0.0), 1.0)}
    if raw is not None:
        return {"score": min(max(raw, 0.0), _BIGGEST_SCORE)}
    return {}
