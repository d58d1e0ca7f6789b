"""One order for a set of events, whatever order and however often they arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from coursepulse.events.event import Event, pack
from coursepulse.events.taxonomy import EXTRA_PREFIX
from coursepulse.kit.clock import DAY

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

    Where different events claim one id on one UTC day or on days side by side, the first to be received is kept.
    """
    claims: dict[bytes, list[Event]] = defaultdict(list)
    for event in events:
        claims[event.event_id].append(event)
    kept = (each for rivals in claims.values() for each in _settle(rivals))
    return sorted((each for each in kept if not each.event_type.startswith(EXTRA_PREFIX)), key=_moment)


def _settle(rivals: list[Event]) -> list[Event]:
    """The events that keep the id which they all claim."""
    if len(rivals) == 1:
        return rivals
    kept: dict[int, Event] = {}
    for event in sorted(rivals, key=_arrival):
        day = event.at // DAY
        if kept.keys().isdisjoint((day - 1, day, day + 1)):
            kept[day] = event
    return list(kept.values())


def _moment(event: Event) -> tuple[int, int, bytes]:
    return event.at, _RANK[event.event_type], event.event_id


def _arrival(event: Event) -> tuple[int, int, bytes]:
    return event.received_at, event.at, pack([event])
