"""The ``session_end`` that the server itself puts into the log when a live session closes.

It says what was known already: the last event of the session stays the last, at the same moment. So it is kept beside
the events of the platform, and counts in no number.
"""

from __future__ import annotations

from enum import StrEnum

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros


class ClosedBy(StrEnum):
    """Why the server closed a session."""

    IDLE = "idle"
    LONGEST = "longest"


#: What tells such an event from one of a platform: the collector drops every field of a platform's ``session_end``.
_MARKS = {reason: f'{{"closed_by":"{reason}"}}'.encode() for reason in ClosedBy}
_MARKED = frozenset(_MARKS.values())


def make_closing(
    event_id: bytes, student: bytes, session: bytes, last_at: Micros, by: ClosedBy, received_at: Micros
) -> Event:
    """The event that closes a session at the moment of its last event."""
    return Event(
        event_id, "session_end", last_at, student, session, received_at=received_at, payload=_MARKS[by]
    )


def is_closing(event: Event) -> bool:
    """Whether the server made this event."""
    return event.event_type == "session_end" and event.payload in _MARKED
