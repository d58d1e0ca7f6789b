"""The table of the format: from Caliper's events and actions to our event types."""

from __future__ import annotations

_SESSIONS = {"LoggedIn": "session_start", "LoggedOut": "session_end", "TimedOut": "session_end"}
_MEDIA = {
    "Started": "video_play",
    "Resumed": "video_play",
    "Restarted": "video_play",
    "Paused": "video_pause",
    "Ended": "video_pause",
    "ForwardedTo": "video_seek",
    "JumpedTo": "video_seek",
    "ChangedSpeed": "video_rate_change",
}
_ASSESSMENTS = {
    "Started": "quiz_start",
    "Resumed": "quiz_start",
    "Restarted": "quiz_start",
    "Submitted": "quiz_submit",
    "Completed": "quiz_submit",
}
_WORK = {
    "Started": "assignment_start",
    "Submitted": "assignment_submit",
    "Completed": "assignment_submit",
}
_READING = {"NavigatedTo": "lesson_start", "Viewed": "lesson_start"}
_GRADES = {"Graded": "assignment_graded"}

#: Event types by Caliper's type and action; a pair outside the table is kept as ``x_caliper_<action>``. Two of them,
#: ``OutcomeEvent`` and ``ReadingEvent``, are of version 1.0.
EVENTS: dict[str, dict[str, str]] = {
    "SessionEvent": _SESSIONS,
    "MediaEvent": _MEDIA,
    "AssessmentEvent": _ASSESSMENTS,
    "AssessmentItemEvent": {"Started": "quiz_start", "Completed": "quiz_answer"},
    "AssignableEvent": _WORK,
    "GradeEvent": _GRADES,
    "OutcomeEvent": _GRADES,
    "NavigationEvent": _READING,
    "ViewEvent": _READING,
    "ReadingEvent": _READING,
    "ThreadEvent": {"MarkedAsRead": "forum_view"},
    "MessageEvent": {"Posted": "forum_post", "MarkedAsRead": "forum_view"},
    "ToolUseEvent": {"Used": "lesson_start"},
    "ToolLaunchEvent": {"Launched": "lesson_start"},
}

#: Entities with questions, which count as quizzes.
QUIZZES = frozenset({"Assessment", "Questionnaire", "Survey"})
QUESTIONS = frozenset({"AssessmentItem", "QuestionnaireItem"})
FORUMS = frozenset({"Forum", "Thread", "Message"})

#: Entities that people view and that are not lessons.
NO_LESSONS = (
    QUIZZES
    | QUESTIONS
    | FORUMS
    | {
        "AssignableDigitalResource",
        "AudioObject",
        "Course",
        "CourseOffering",
        "CourseSection",
        "Group",
        "MediaObject",
        "Organization",
        "SoftwareApplication",
        "VideoObject",
    }
)

#: Actors that are not one person: programs and groups.
NOBODY = frozenset({"SoftwareApplication", "Group", "Organization", "CourseOffering", "CourseSection"})


def unmapped(action: str) -> str:
    """The event type of an action without a counterpart."""
    spelled = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in action)
    return "x_caliper_" + "".join(each if each.isalnum() else "_" for each in spelled.lstrip("_"))[:50]
