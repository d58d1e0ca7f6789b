"""Time on task: the gaps between the events of a session, each capped."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor
from typing import NamedTuple

from coursepulse.definitions.playback import Playback
from coursepulse.definitions.time_on_task import CAP, PLAYING_CAP
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import TYPES, TaskKind
from coursepulse.kit.clock import SECOND, Micros
from tests.reference.playback import follow_players


class Credit(NamedTuple):
    """The time that one event opened: it belongs to the event's day, course and kind."""

    event: Event
    micros: Micros


def credit_gaps(session: Sequence[Event]) -> list[Credit]:
    """What each event of a session but the last opened."""
    steps = zip(session, follow_players(session), strict=True)
    return [Credit(a, min(b.at - a.at, _cap(a, playback))) for (a, playback), (b, _) in pairwise(steps)]


def kind_of(event: Event) -> TaskKind:
    """The account that an event's gap is booked to."""
    return TYPES[event.event_type].kind


def _cap(event: Event, playback: Playback | None) -> Micros:
    """Whole microseconds, rounded down, so that a sum does not depend on the order of its terms."""
    if event.event_type == "session_end":
        return 0
    if playback is None or not playback.playing:
        return floor(CAP * SECOND)
    if playback.duration is None or playback.position is None:
        return floor(PLAYING_CAP * SECOND)
    rest = (playback.duration - playback.position) / playback.rate
    return floor(min(PLAYING_CAP, max(CAP, rest)) * SECOND)
