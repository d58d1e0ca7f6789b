"""Events for a log that does not look inside them."""

from __future__ import annotations

from coursepulse.events.event import Event
from coursepulse.kit.ids import NIL


def event(number: int) -> Event:
    """An event that can be told apart by its number."""
    return Event(number.to_bytes(16, "big"), "lesson_start", number, NIL, NIL, course_id=f"c-{number}")


def events(start: int, stop: int) -> list[Event]:
    """The events numbered from ``start`` to just before ``stop``."""
    return [event(number) for number in range(start, stop)]
