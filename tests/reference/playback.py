"""The state of each video player after each event of a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coursepulse.definitions.playback import VIDEO_EVENTS, Playback, Player, move_player
from coursepulse.events.event import Event


class VideoKey(NamedTuple):
    """A video is named within its course: two courses may use one id for different videos."""

    course_id: str
    video_id: str


def video_key(event: Event) -> VideoKey:
    """The video that a video event is about; its id may be empty."""
    return VideoKey(event.course_id, event.video_id)


def follow_players(session: Sequence[Event]) -> list[Playback | None]:
    """The playback after each event of a session; None for events that are not video events."""
    durations = largest_durations(session)
    players: dict[VideoKey, Player] = {}
    chosen = 1.0
    after: list[Playback | None] = []
    for event in session:
        if event.event_type not in VIDEO_EVENTS:
            after.append(None)
            continue
        key = video_key(event)
        chosen = event.rate or chosen
        duration = durations.get(key)
        players[key], told = move_player(players.get(key), event, chosen, duration)
        after.append(players[key].playback(duration, told))
    return after


def largest_durations(events: Sequence[Event]) -> dict[VideoKey, float]:
    """The largest duration that video events say of each video."""
    largest: dict[VideoKey, float] = {}
    for event in events:
        if event.event_type in VIDEO_EVENTS and event.duration:  # players say 0 until they know
            key = video_key(event)
            largest[key] = max(largest.get(key, 0.0), event.duration)
    return largest
