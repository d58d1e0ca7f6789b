"""Events that both the log and a table record, made here so that they get the same id from either source."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coursepulse.events.event import Context, Envelope
from coursepulse.formats.moodle.site import QUIZ, Item, Site
from coursepulse.formats.values import derive_id, present

_MOST = 1_000_000.0


def enrolment_key(enrolment: str) -> str:
    """The id of the event of a row of ``user_enrolments``."""
    return derive_id("moodle", "enrolment", enrolment)


def leaving_key(enrolment: str) -> str:
    """The id of the event for its end."""
    return derive_id("moodle", "unenrolment", enrolment)


def attempt_key(attempt: str) -> str:
    """The id of the event for the start of an attempt."""
    return derive_id("moodle", "attempt", attempt)


def submission_key(submission: str, at: datetime) -> str:
    """The id of the event for a submitted assignment. A later change is another submission."""
    return derive_id("moodle", "submission", submission, at)


def completion_key(cm: str, student: str) -> str:
    """The id of the event for a completed activity. It counts once a day, however often it is ticked."""
    return derive_id("moodle", "completion", cm, student)


def course_completion_key(course_id: str, student: str) -> str:
    """The id of the event for a completed course."""
    return derive_id("moodle", "course_completion", course_id, student)


def points(final: float | None, item: Item) -> dict[str, Any]:
    """A final grade as points above the minimum, out of the range. None if there is no range."""
    span = item.high - item.low
    if final is None or not 0 < span <= _MOST:
        return {}
    score = min(max(final - item.low, 0.0), _MOST)
    return present(score=score, max_score=span, passed=final >= item.mark if item.mark > 0 else None)


def grade(
    item: Item, student: str, final: float | None, at: datetime, site: Site, *, overridden: bool
) -> list[Envelope]:
    """A final grade of the gradebook. The grade of a quiz stands for its attempts if their results are unknown, or if a
    teacher has set it; then it is a regrade."""
    payload = points(final, item)
    thing = site.activity(item.kind, item.instance) if item.type == "mod" else f"grade-{item.id}"
    if not payload or (item.kind == QUIZ and site.scored and not overridden):
        return []
    attempt_fields: dict[str, Any] = {}
    if item.kind == QUIZ:
        attempt_fields = (
            {"regrade": True} if overridden else {"attempt": site.last_attempt(student, thing, at)}
        )
    return [
        Envelope(
            event_id=derive_id(
                "moodle", "grade", item.id, student, payload["score"], at, attempt_fields.get("attempt", 1)
            ),
            event_type="quiz_submit" if item.kind == QUIZ else "assignment_graded",
            timestamp=at,
            student_id=student,
            context=Context(course_id=item.course_id, assessment_id=thing),
            payload=payload | attempt_fields,
        )
    ]
