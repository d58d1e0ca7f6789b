"""The state of a video player after each of its events."""

from __future__ import annotations

from math import floor
from typing import NamedTuple, Protocol

from coursepulse.events.taxonomy import names
from coursepulse.kit.clock import SECOND, Micros

VIDEO_EVENTS = frozenset(names(category="video"))

#: Events after which a player plays, and those after which it does not.
STARTS = frozenset({"video_play", "video_progress"})
STOPS = frozenset({"video_pause", "video_complete"})


#: Seconds by which players and clients round, and by which a segment may outrun the clock.
TOLERANCE = 5.0


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


class Player(NamedTuple):
    """What is known of a player after an event.

    :param at: when the event happened
    :param left: where the playhead was before a seek, if the event is one and says so
    :param anchor: the last position that is known, or None
    :param played: microseconds of the video played since the player was first heard of, by the clock
    :param at_anchor: the same at the anchor
    """

    at: Micros
    sought: bool
    left: float | None
    playing: bool
    rate: float
    anchor: float | None
    played: int
    at_anchor: int

    def playback(self, duration: float | None, told: float | None = None) -> Playback:
        """The playback right after the event."""
        return Playback(self.playing, _position(self, duration), self.rate, duration, told)


class PlayerEvent(Protocol):
    """What a player says, as far as its state depends on it."""

    @property
    def at(self) -> Micros: ...

    @property
    def event_type(self) -> str: ...

    @property
    def position(self) -> float | None: ...

    @property
    def position_to(self) -> float | None: ...

    @property
    def rate(self) -> float | None: ...


def move_player(
    before: Player | None, event: PlayerEvent, chosen: float, duration: float | None
) -> tuple[Player, float | None]:
    """The player after one more event, and the position that the event tells.

    :param chosen: the last rate that was chosen in the session, for any video
    """
    told = _told(before, event)
    return _advance(before, event, told, chosen, duration), told


def _advance(
    before: Player | None, event: PlayerEvent, told: float | None, chosen: float, duration: float | None
) -> Player:
    playing = event.event_type in STARTS or (before is not None and before.playing)
    if event.event_type in STOPS and not _goes_on(event, duration):
        playing = False
    rate = event.rate or (chosen if before is None or event.event_type == "video_play" else before.rate)
    played = 0 if before is None else before.played + _played_since(before, event)
    # A seek's target is trusted over the next event's position: players report the latter late.
    sought = event.event_type == "video_seek"
    lands = event.position_to if sought else told
    left = event.position if sought else None
    if lands is None and before is not None and not sought:
        return Player(event.at, sought, left, playing, rate, before.anchor, played, before.at_anchor)
    return Player(event.at, sought, left, playing, rate, lands, played, played)


def _goes_on(event: PlayerEvent, duration: float | None) -> bool:
    """A player may call a video complete when enough of it was seen, long before it ends."""
    at_the_end = event.position is None or duration is None or event.position >= duration - TOLERANCE
    return event.event_type == "video_complete" and not at_the_end


def _played_since(before: Player, event: PlayerEvent) -> int:
    return floor((event.at - before.at) * before.rate) if before.playing else 0


def _position(player: Player, duration: float | None) -> float | None:
    """Where the playhead is: as said, or as far on as it has played since it was said."""
    if player.anchor is None or player.played == player.at_anchor:
        return player.anchor
    reached = player.anchor + (player.played - player.at_anchor) / SECOND
    return reached if duration is None else min(reached, max(duration, player.anchor))


def _told(before: Player | None, event: PlayerEvent) -> float | None:
    """The position that an event tells. That of before the seek that came right before it is not believed."""
    position = event.position
    if position is None or before is None or not before.sought or before.anchor is None:
        return position
    left = before.left
    prompt = event.event_type == "video_play" or event.at - before.at <= TOLERANCE * SECOND
    if left is None or not prompt or abs(position - left) > TOLERANCE:
        return position
    landed = before.anchor + _played_since(before, event) / SECOND
    if abs(position - left) >= abs(position - landed):
        return position
    # A player that says play has not played since the seek.
    return before.anchor if event.event_type == "video_play" else None
