"""One order for a set of events, whatever order and however often they arrive."""

from __future__ import annotations

from collections.abc import Iterable

from coursepulse.events.event import Event, identity, pack
from coursepulse.events.taxonomy import EXTRA_PREFIX

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

_RANK = {name: rank for rank, name in enumerate(MEANING)}


def in_order(events: Iterable[Event]) -> list[Event]:
    """The events by (at, meaning, event_id), each once, without the platform's own ``x_…`` events.

    Where two different events claim one id on one UTC day, the first to be received is kept.
    """
    kept: dict[tuple[bytes, int], Event] = {}
    for event in events:
        if event.event_type.startswith(EXTRA_PREFIX):
            continue
        claim = identity(event)
        rival = kept.setdefault(claim, event)
        if rival is not event and _arrival(event) < _arrival(rival):
            kept[claim] = event
    return sorted(kept.values(), key=_moment)


def _moment(event: Event) -> tuple[int, int, bytes]:
    return event.at, _RANK[event.event_type], event.event_id


def _arrival(event: Event) -> tuple[int, int, bytes]:
    return event.received_at, event.at, pack([event])
