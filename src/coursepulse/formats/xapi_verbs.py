"""The table of the xAPI format: from verbs and activities to event types."""

from __future__ import annotations

from enum import StrEnum


class Activity(StrEnum):
    """The kinds of activity that the table distinguishes."""

    VIDEO = "video"
    COURSE = "course"
    LESSON = "lesson"
    ASSESSMENT = "assessment"
    EXAM = "exam"
    QUESTION = "question"
    FORUM = "forum"
    CERTIFICATE = "certificate"
    OTHER = "other"


#: Activity types by the last part of their IRI. Registries (ADL, Tin Can, w3id) differ only before it.
ACTIVITIES: dict[str, Activity] = {
    "video": Activity.VIDEO,
    "course": Activity.COURSE,
    "lesson": Activity.LESSON,
    "module": Activity.LESSON,
    "unit": Activity.LESSON,
    "page": Activity.LESSON,
    "webpage": Activity.LESSON,
    "document": Activity.LESSON,
    "book": Activity.LESSON,
    "slide": Activity.LESSON,
    "resource": Activity.LESSON,
    "assessment": Activity.ASSESSMENT,
    "quiz": Activity.ASSESSMENT,
    "test": Activity.ASSESSMENT,
    "timed-assessment": Activity.EXAM,
    "practice-assessment": Activity.EXAM,
    "proctored-assessment": Activity.EXAM,
    "question": Activity.QUESTION,
    "cmi.interaction": Activity.QUESTION,
    "discussion": Activity.FORUM,
    "forum-topic": Activity.FORUM,
    "forum-reply": Activity.FORUM,
    "certificate": Activity.CERTIFICATE,
}

_START = {
    Activity.LESSON: "lesson_start",
    Activity.ASSESSMENT: "quiz_start",
    Activity.EXAM: "quiz_start",
    Activity.FORUM: "forum_view",
}
_RESULT = {
    Activity.COURSE: "course_complete",
    Activity.LESSON: "quiz_submit",
    Activity.ASSESSMENT: "quiz_submit",
    Activity.EXAM: "quiz_submit",
    Activity.QUESTION: "quiz_answer",
}

#: Event types by verb (the last part of its IRI) and activity. ``terminated`` is a pause: the player closes
#: where it stands; an exam that is terminated is handed in. ``interacted`` reports the player's settings, of which
#: the speed changes what is watched.
EVENTS: dict[str, dict[Activity, str]] = {
    "played": {Activity.VIDEO: "video_play"},
    "paused": {Activity.VIDEO: "video_pause"},
    "seeked": {Activity.VIDEO: "video_seek"},
    "terminated": {Activity.VIDEO: "video_pause", Activity.EXAM: "quiz_submit"},
    "interacted": {Activity.VIDEO: "video_rate_change", Activity.OTHER: "interactive_attempt"},
    "completed": {
        Activity.VIDEO: "video_complete",
        Activity.COURSE: "course_complete",
        Activity.LESSON: "lesson_complete",
        Activity.ASSESSMENT: "quiz_submit",
        Activity.EXAM: "quiz_submit",
        Activity.QUESTION: "quiz_answer",
    },
    "passed": _RESULT,
    "failed": _RESULT | {Activity.COURSE: "x_xapi_failed"},
    "scored": _RESULT,
    "evaluated": _RESULT,
    "submitted": {Activity.ASSESSMENT: "quiz_submit", Activity.OTHER: "assignment_submit"},
    "answered": {Activity.QUESTION: "quiz_answer", Activity.ASSESSMENT: "quiz_submit"},
    "attempted": _START | {Activity.QUESTION: "quiz_start"},
    "initialized": _START,
    "launched": _START,
    "experienced": _START,
    "viewed": _START,
    "navigated": _START,
    "progressed": {Activity.VIDEO: "video_progress", Activity.LESSON: "lesson_start"},
    "registered": {Activity.COURSE: "course_enroll"},
    "unregistered": {Activity.COURSE: "course_unenroll"},
    "posted": {Activity.FORUM: "forum_post"},
    "replied": {Activity.FORUM: "forum_reply"},
    "commented": {Activity.FORUM: "forum_reply"},
    "earned": {Activity.CERTIFICATE: "certificate_issued", Activity.LESSON: "assignment_graded"},
}

#: Verbs that give the same event type for any activity.
ANYWHERE: dict[str, str] = {"logged-in": "session_start", "logged-out": "session_end"}


def event_type_of(verb: str, activity: Activity) -> str:
    """The event type for a verb and an activity; a pair outside the table is kept as ``x_xapi_<verb>``."""
    known = ANYWHERE.get(verb) or EVENTS.get(verb, {}).get(activity)
    if known:
        return known
    return unmapped(verb)


def unmapped(verb: str) -> str:
    """The event type of a verb without a counterpart."""
    spelled = "".join(letter if letter.isalnum() else "_" for letter in verb.lower())
    return f"x_xapi_{spelled}"[:64]
