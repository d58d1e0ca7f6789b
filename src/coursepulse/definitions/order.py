"""The order of events of one moment, in whatever order they arrive."""

from __future__ import annotations

#: Events of one moment, in the order that makes sense of them. Clocks are coarse and ids are random, so neither tells.
#: What begins a stay comes first and what ends it last; a player is stopped, moved and started; and what is still
#: going on afterwards stands behind what is over, because the time that follows belongs to it.
MEANING: tuple[str, ...] = (
    "payment_completed",
    "course_enroll",
    "session_start",
    "live_session_join",
    "lesson_start",
    "video_progress",
    "video_pause",
    "video_complete",
    "assignment_start",
    "quiz_start",
    "quiz_answer",
    "interactive_attempt",
    "quiz_submit",
    "assignment_submit",
    "assignment_graded",
    "forum_view",
    "forum_post",
    "forum_reply",
    "lesson_complete",
    "live_session_leave",
    "course_complete",
    "certificate_issued",
    "video_seek",
    "video_rate_change",
    "video_play",
    "course_unenroll",
    "payment_refunded",
    "session_end",
)
