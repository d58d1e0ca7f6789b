"""Caliper Analytics 1.2: sessions, media, assessments, grades, reading, forums and tools.

1EdTech, *Caliper Analytics 1.2*. Versions 1.0 and 1.1 differ by a few names, which are read too.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Any, NamedTuple

from coursepulse.events.event import Context, Envelope
from coursepulse.events.reasons import RejectionReason
from coursepulse.formats.caliper_terms import (
    EVENTS,
    FORUMS,
    NO_LESSONS,
    NOBODY,
    QUESTIONS,
    QUIZZES,
    unmapped,
)
from coursepulse.formats.openedx.places import canonical_course
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

_BIGGEST = 1_000_000
_MOST_ATTEMPTS = 10_000

#: Groups that are courses, and groups within one.
_COURSES = frozenset({"CourseSection", "CourseOffering", "Course"})
_DEEPEST = 4

#: What implementers call a speed in their extensions, without capitals and joints.
_SPEEDS = ("newspeed", "speed", "playbackrate")


class EventParts(NamedTuple):
    """The parts of an event that the mapping reads; a missing entity is empty.

    :param quizzes: ids of assessments that other events give in full
    """

    kind: str
    action: str
    object: Json
    generated: Json
    target: Json
    extensions: Json
    quizzes: Set[str]


def from_event(event: Any, quizzes: Set[str] = frozenset()) -> list[Envelope] | Skipped | Refused:
    """The event of one element of an envelope.

    :param quizzes: ids noted in a first pass over all events: a grade may give only the id of its assessment
    """
    if not isinstance(event, dict):
        return invalid("$", "A Caliper event is a JSON object.")
    parts = _take_apart(event, quizzes)
    fault = _find_fault(event, parts)
    if fault:
        return fault
    at, learner = moment(event.get("eventTime")), learner_of(event)
    if at is None:
        return invalid("$.eventTime", "The time is not an ISO 8601 time.")
    if not learner:
        graded = EVENTS.get(parts.kind, {}).get(parts.action) == "assignment_graded"
        return missing("$.object.assignee") if graded else Skipped(Skip.ANONYMOUS)
    return _convert(event, parts, at, learner)


def note(event: Any, quizzes: set[str]) -> None:
    """Collects the ids of assessments."""
    parts = _take_apart(mapping(event))
    assignables = [entity(_attempt_of(parts).get("assignable")), entity(parts.object.get("isPartOf"))]
    for thing in (parts.object, *assignables):
        if type_of(thing) in QUIZZES:
            quizzes.add(id_of(thing))


def _convert(event: Json, parts: EventParts, at: datetime, learner: str) -> list[Envelope] | Skipped:
    event_type = _type_of(parts)
    payload = _payload(event_type, parts)
    if _is_grade(parts) and not payload.keys() & {"score", "is_correct"}:
        return Skipped(Skip.NO_ACTIVITY)
    return [
        Envelope(
            event_id=_plain_id(text(event.get("id"))) or derive_id("caliper", event),
            event_type=event_type,
            timestamp=at,
            student_id=fit_id(learner),
            # A grade is not an action of the learner.
            session_id="" if _is_grade(parts) else fit_id(_session_of(event, parts)),
            context=_context(event_type, parts, course_of(event)),
            payload=payload,
        )
    ]


def _take_apart(event: Json, quizzes: Set[str] = frozenset()) -> EventParts:
    return EventParts(
        kind=type_of(event),
        action=_last(text(event.get("action"))),
        object=entity(event.get("object")),
        generated=entity(event.get("generated")),
        target=entity(event.get("target")),
        extensions=mapping(event.get("extensions")),
        quizzes=quizzes,
    )


def _find_fault(event: Json, parts: EventParts) -> Refused | None:
    if not parts.kind:
        return missing("$.type")
    if not parts.action and not parts.kind.endswith("Event"):
        sentence = f"`{parts.kind[:64]}` describes an entity: it is no event, and leaves none."
        return Refused(RejectionReason.INVALID_VALUE, "$.type", sentence)
    for field in ("action", "actor", "object", "eventTime"):
        if not event.get(field):
            return missing(f"$.{field}")
    return None


def entity(value: Any) -> Json:
    """An entity, given in full or as an id."""
    return {"id": value} if isinstance(value, str) else mapping(value)


def type_of(thing: Json) -> str:
    """The type of an event or entity; version 1.0 used an IRI."""
    return _last(text(thing.get("type")) or text(thing.get("@type")))


def id_of(thing: Json) -> str:
    """The id of an entity."""
    return text(thing.get("id")) or text(thing.get("@id"))


def learner_of(event: Json) -> str:
    """The person an event is about: the actor; for a grade the learner; for a program's action the session's user."""
    parts, actor = _take_apart(event), entity(event.get("actor"))
    if _is_grade(parts):
        return _assignee_of(parts)
    if type_of(actor) not in NOBODY:
        return id_of(actor)
    user = entity(parts.object.get("user")) or entity(entity(event.get("session")).get("user"))
    return id_of(user) or _assignee_of(parts)


def course_of(event: Json) -> str:
    """The course section of an event, or empty."""
    spelled = id_of(_section_of(event))
    return fit_id(canonical_course(spelled) if "course-v1:" in spelled else spelled)


def _section_of(event: Json) -> Json:
    """The group of an event; a group within a section belongs to that section."""
    group = entity(event.get("group")) or entity(entity(event.get("membership")).get("organization"))
    found = group
    for _ in range(_DEEPEST):
        if type_of(found) in _COURSES or not found:
            break
        found = entity(found.get("subOrganizationOf")) or entity(found.get("isPartOf"))
    return found or group


def name_of(event: Json) -> tuple[str, str]:
    """The learner of an event, and the learner's name if known."""
    learner = learner_of(event)
    attempt = _attempt_of(_take_apart(event))
    people = (entity(event.get("actor")), entity(attempt.get("assignee")))
    named = (text(person.get("name")) for person in people if id_of(person) == learner)
    return fit_id(learner), next(filter(None, named), "")


def title_of(event: Json) -> tuple[str, str]:
    """The title of a medium, or of the course for other events."""
    parts = _take_apart(event)
    if parts.kind == "MediaEvent":
        return fit_id(id_of(parts.object)), text(parts.object.get("name"))
    section = _section_of(event)
    return course_of(event), text(section.get("name"))


def _last(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2].rpartition("#")[2]


def _plain_id(spelled: str) -> str:
    return fit_id(spelled[9:] if spelled[:9].lower() == "urn:uuid:" else spelled)


def _is_grade(parts: EventParts) -> bool:
    return parts.kind in ("GradeEvent", "OutcomeEvent")


def _type_of(parts: EventParts) -> str:
    event_type = EVENTS.get(parts.kind, {}).get(parts.action)
    work = _work_of(parts)
    thing = "Assessment" if id_of(work) in parts.quizzes else type_of(work)
    if event_type is None:
        return unmapped(parts.action)
    if event_type.startswith("assignment_") and thing in QUESTIONS:
        return "quiz_answer"
    if event_type == "assignment_graded" and thing in QUIZZES:
        return "quiz_submit"
    if event_type.startswith("assignment_") and thing in QUIZZES:
        return event_type.replace("assignment_", "quiz_")
    if event_type == "lesson_start" and thing in FORUMS:
        return "forum_view"
    if event_type == "forum_post" and parts.object.get("replyTo"):
        return "forum_reply"
    return (
        "x_caliper_changed_speed" if event_type == "video_rate_change" and not _speed(parts) else event_type
    )


def _work_of(parts: EventParts) -> Json:
    """The work: the object, or the assignable of the graded attempt."""
    attempt = _attempt_of(parts)
    if _is_grade(parts):
        return entity(attempt.get("assignable")) or parts.object
    return parts.object


def _attempt_of(parts: EventParts) -> Json:
    """The attempt, wherever it is: the object, the generated entity, or a part of either."""
    for thing in (parts.object, parts.generated):
        if type_of(thing) == "Attempt" or thing.get("assignable") or thing.get("assignee"):
            return thing
    nested = [entity(thing.get("attempt")) for thing in (parts.generated, parts.object)]
    return next(filter(None, nested), {})


def _assignee_of(parts: EventParts) -> str:
    return id_of(entity(_attempt_of(parts).get("assignee"))) or id_of(entity(parts.generated.get("assignee")))


def _session_of(event: Json, parts: EventParts) -> str:
    own = parts.object if type_of(parts.object) == "Session" else {}
    return id_of(entity(event.get("session")) or own or entity(event.get("federatedSession")))


def _context(event_type: str, parts: EventParts, course: str) -> Context:
    thing = _work_of(parts)
    ids = {"course_id": course}
    if event_type.startswith("video_") or parts.kind == "MediaEvent":
        ids["video_id"] = id_of(thing)
    elif event_type.startswith(("quiz_", "assignment_")):
        ids["assessment_id"] = _assessment_of(parts, thing)
    elif event_type == "lesson_start" and parts.kind not in ("ToolUseEvent", "ToolLaunchEvent"):
        ids["lesson_id"] = "" if type_of(thing) in NO_LESSONS else id_of(thing)
    return Context(**{name: fit_id(identifier) for name, identifier in ids.items()})


def _assessment_of(parts: EventParts, thing: Json) -> str:
    """The assessment, or for a question the one that contains it."""
    if type_of(thing) not in QUESTIONS:
        return id_of(thing)
    whole = entity(thing.get("isPartOf")) or entity(_attempt_of(parts).get("assignable"))
    if type_of(whole) in QUESTIONS:
        whole = entity(whole.get("isPartOf")) or whole
    return id_of(whole) or id_of(thing)


def _payload(event_type: str, parts: EventParts) -> dict[str, Any]:
    if event_type.startswith("x_"):
        return {}
    if event_type.startswith("video_"):
        return _player(event_type, parts)
    if event_type.startswith("forum_"):
        return present(thread_id=fit_id(_thread_of(parts.object)))
    if event_type == "quiz_answer":
        answered = present(question_id=fit_id(id_of(_work_of(parts))), attempt=_count(parts))
        return answered | _correct(_score(parts.generated))
    if event_type in ("quiz_start", "assignment_start"):
        return present(attempt=_count(parts))
    if event_type.startswith(("quiz_", "assignment_")):
        return _score(parts.generated) | present(attempt=_count(parts))
    return {}


def _player(event_type: str, parts: EventParts) -> dict[str, Any]:
    place = seconds(parts.target.get("currentTime"))
    if place is None and parts.action == "Restarted":
        place = 0.0
    fields = present(video_duration=length(parts.object.get("duration")))
    if event_type == "video_seek":
        return fields | present(from_time=_extension(parts, "oldtime"), to_time=place)
    speed = _speed(parts) if event_type == "video_rate_change" else None
    return fields | present(current_time=place, playback_rate=speed)


def _speed(parts: EventParts) -> float | None:
    return next((speed for name in _SPEEDS if (speed := rate(_extension(parts, name)))), None)


def _extension(parts: EventParts, wanted: str) -> float | None:
    """A number in the extensions of the event, its target or its object, however its name is written."""
    for place in (
        parts.extensions,
        *(mapping(each.get("extensions")) for each in (parts.target, parts.object)),
    ):
        for name, value in place.items():
            if "".join(filter(str.isalnum, name)).lower() == wanted:
                return number(value) if number(value) is not None else seconds(value)
    return None


def _thread_of(thing: Json) -> str:
    """The thread of a message; a message without a thread is its own thread."""
    whole = entity(thing.get("isPartOf"))
    return id_of(whole) if type_of(thing) == "Message" and whole else id_of(thing)


def _count(parts: EventParts) -> int | None:
    """The number of the attempt, from 1."""
    found = number(_attempt_of(parts).get("count"))
    return int(found) if found is not None and 1 <= found <= _MOST_ATTEMPTS else None


def _score(generated: Json) -> dict[str, float]:
    """The points of a score, or of a result as written by versions 1.0 and 1.2. None if the maximum is 0."""
    for given, most in (("scoreGiven", "maxScore"), ("resultScore", "maxResultScore")):
        got, best = number(generated.get(given)), number(generated.get(most))
        if got is not None and best is not None and 0 < best <= _BIGGEST:
            return {"score": min(max(got, 0.0), _BIGGEST), "max_score": best}
    return {}


def _correct(score: dict[str, float]) -> dict[str, bool]:
    return {"is_correct": score["score"] >= score["max_score"]} if score else {}
