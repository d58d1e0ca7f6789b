"""The state of each video player after each event of a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.events.taxonomy import names
from coursepulse.learning.catalog import VideoKey

VIDEO_EVENTS = frozenset(names(category="video"))

#: Events after which a player plays, and those after which it does not.
STARTS = frozenset({"video_play", "video_progress"})
STOPS = frozenset({"video_pause", "video_complete"})


class Playback(NamedTuple):
    """A player right after one of its events.

    :param position: where the playhead is now (after a seek: where it landed), or None
    :param duration: the largest duration that the session says anywhere, or None
    """

    playing: bool
    position: float | None
    rate: float
    duration: float | None


_STOPPED = Playback(playing=False, position=None, rate=1.0, duration=None)


def video_key(event: Event) -> VideoKey:
    """The video that a video event is about; its id may be empty."""
    return VideoKey(event.course_id, event.video_id)


def follow_players(session: Sequence[Event]) -> list[Playback | None]:
    """The playback after each event of a session; None for events that are not video events."""
    durations = largest_durations(session)
    states: dict[VideoKey, Playback] = {}
    after: list[Playback | None] = []
    for event in session:
        if event.event_type not in VIDEO_EVENTS:
            after.append(None)
            continue
        key = video_key(event)
        states[key] = _advance(states.get(key, _STOPPED), event, durations.get(key))
        after.append(states[key])
    return after


def largest_durations(events: Sequence[Event]) -> dict[VideoKey, float]:
    """The largest duration that video events say of each video."""
    largest: dict[VideoKey, float] = {}
    for event in events:
        if event.event_type in VIDEO_EVENTS and event.duration:  # players say 0 until they know
            key = video_key(event)
            largest[key] = max(largest.get(key, 0.0), event.duration)
    return largest


def _advance(before: Playback, event: Event, duration: float | None) -> Playback:
    playing = event.event_type in STARTS or (before.playing and event.event_type not in STOPS)
    # A seek's target is trusted over the next event's position: players report the latter late.
    position = event.position_to if event.event_type == "video_seek" else event.position
    rate = before.rate if event.rate is None else event.rate
    return Playback(playing, position, rate, duration)
