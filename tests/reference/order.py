"""One order for a set of events, in whatever order and however often they arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from coursepulse.definitions.order import MEANING
from coursepulse.events.event import Event, pack
from coursepulse.events.taxonomy import EXTRA_PREFIX
from coursepulse.kit.clock import DAY

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
