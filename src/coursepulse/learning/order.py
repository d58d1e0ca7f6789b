"""One order for a set of events, whatever order and however often they arrive."""

from __future__ import annotations

from collections.abc import Iterable

from coursepulse.events.event import Event, identity, pack
from coursepulse.events.taxonomy import EXTRA_PREFIX


def in_order(events: Iterable[Event]) -> list[Event]:
    """The events by (at, event_id), each once, without the platform's own ``x_…`` events.

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


def _moment(event: Event) -> tuple[int, bytes]:
    return event.at, event.event_id


def _arrival(event: Event) -> tuple[int, int, bytes]:
    return event.received_at, event.at, pack([event])
