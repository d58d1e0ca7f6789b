"""The state of each video player after each event of a session."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.events.taxonomy import names
from coursepulse.kit.clock import SECOND

VIDEO_EVENTS = frozenset(names(category="video"))

#: Events after which a player plays, and those after which it does not.
STARTS = frozenset({"video_play", "video_progress"})
STOPS = frozenset({"video_pause", "video_complete"})


#: Seconds by which players and clients round, and by which a segment may outrun the clock.
TOLERANCE = 5.0


class VideoKey(NamedTuple):
    """A video is named within its course: two courses may use one id for different videos."""

    course_id: str
    video_id: str


class Playback(NamedTuple):
    """A player right after one of its events.

    :param position: where the playhead is now (after a seek: where it landed), or None
    :param duration: the largest duration that the session says anywhere, or None
    :param told: the position that the event tells, when it tells one that can be believed
    """

    playing: bool
    position: float | None
    rate: float
    duration: float | None
    told: float | None


class _Player(NamedTuple):
    """What is known of a player after an event.

    :param anchor: the last position that is known, or None
    :param played: microseconds of the video played since the player was first heard of, by the clock
    :param at_anchor: the same at the anchor
    """

    event: Event
    playing: bool
    rate: float
    anchor: float | None
    played: int
    at_anchor: int


def video_key(event: Event) -> VideoKey:
    """The video that a video event is about; its id may be empty."""
    return VideoKey(event.course_id, event.video_id)


def follow_players(session: Sequence[Event]) -> list[Playback | None]:
    """The playback after each event of a session; None for events that are not video events."""
    durations = largest_durations(session)
    players: dict[VideoKey, _Player] = {}
    chosen = 1.0
    after: list[Playback | None] = []
    for event in session:
        if event.event_type not in VIDEO_EVENTS:
            after.append(None)
            continue
        key = video_key(event)
        chosen = event.rate or chosen
        duration = durations.get(key)
        before = players.get(key)
        told = _told(before, event)
        player = players[key] = _advance(before, event, told, chosen, duration)
        after.append(Playback(player.playing, _position(player, duration), player.rate, duration, told))
    return after


def largest_durations(events: Sequence[Event]) -> dict[VideoKey, float]:
    """The largest duration that video events say of each video."""
    largest: dict[VideoKey, float] = {}
    for event in events:
        if event.event_type in VIDEO_EVENTS and event.duration:  # players say 0 until they know
            key = video_key(event)
            largest[key] = max(largest.get(key, 0.0), event.duration)
    return largest


def _advance(
    before: _Player | None, event: Event, told: float | None, chosen: float, duration: float | None
) -> _Player:
    playing = event.event_type in STARTS or (before is not None and before.playing)
    if event.event_type in STOPS and not _goes_on(event, duration):
        playing = False
    rate = event.rate or (chosen if before is None or event.event_type == "video_play" else before.rate)
    played = 0 if before is None else before.played + _played_since(before, event)
    # A seek's target is trusted over the next event's position: players report the latter late.
    lands = event.position_to if event.event_type == "video_seek" else told
    if lands is None and before is not None and event.event_type != "video_seek":
        return _Player(event, playing, rate, before.anchor, played, before.at_anchor)
    return _Player(event, playing, rate, lands, played, played)


def _goes_on(event: Event, duration: float | None) -> bool:
    """A player may call a video complete when enough of it was seen, long before it ends."""
    at_the_end = event.position is None or duration is None or event.position >= duration - TOLERANCE
    return event.event_type == "video_complete" and not at_the_end


def _played_since(before: _Player, event: Event) -> int:
    return floor((event.at - before.event.at) * before.rate) if before.playing else 0


def _position(player: _Player, duration: float | None) -> float | None:
    """Where the playhead is: as said, or as far on as it has played since it was said."""
    if player.anchor is None or player.played == player.at_anchor:
        return player.anchor
    reached = player.anchor + (player.played - player.at_anchor) / SECOND
    return reached if duration is None else min(reached, max(duration, player.anchor))


def _told(before: _Player | None, event: Event) -> float | None:
    """The position that an event tells. That of before the seek that came right before it is not believed."""
    position = event.position
    if position is None or before is None or before.event.event_type != "video_seek" or before.anchor is None:
        return position
    left = before.event.position
    prompt = event.event_type == "video_play" or event.at - before.event.at <= TOLERANCE * SECOND
    if left is None or not prompt or abs(position - left) > TOLERANCE:
        return position
    landed = before.anchor + _played_since(before, event) / SECOND
    if abs(position - left) >= abs(position - landed):
        return position
    # A player that says play has not played since the seek.
    return before.anchor if event.event_type == "video_play" else None
