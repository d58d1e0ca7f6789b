"""The stretches of a video that were played: paired from events, or reported by the player."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor
from typing import NamedTuple

from coursepulse.definitions.playback import TOLERANCE, Playback, VideoKey, follow_players, video_key
from coursepulse.definitions.time_on_task import CAP
from coursepulse.events.event import Event
from coursepulse.events.payloads import Segment
from coursepulse.kit.clock import SECOND, Micros

#: Seconds below which nothing was played. Of length, as edX Insights does it (``video.py``), and of time
#: passed: else each of the position markers that one seek fires at one moment would get the tolerance.
SHORTEST = 0.25


class Played(NamedTuple):
    """A segment, and the event that opened it: it belongs to the event's day and course."""

    event: Event
    segment: Segment


class WatchReport(NamedTuple):
    """What a player says it has played so far.

    :param micros: summed length of the pieces, each rounded down to a whole microsecond
    """

    micros: int
    at: int
    event_id: bytes
    pieces: tuple[Segment, ...]


class SegmentEnd(NamedTuple):
    """The event that ends a segment, and the position that it tells when it is of the same video."""

    at: int
    position: float | None


def pair_events(session: Sequence[Event]) -> list[Played]:
    """The segments of one session, each from a video event to the event that tells where it ended."""
    found: list[Played] = []
    same_video: dict[VideoKey, SegmentEnd] = {}
    following: SegmentEnd | None = None
    for event, playback in reversed(list(zip(session, follow_players(session), strict=True))):
        if playback is not None and event.video_id:
            key = video_key(event)
            end = same_video.get(key, following)
            segment = find_segment(event.at, playback, end) if end else None
            found += [Played(event, segment)] if segment else []
            same_video[key] = SegmentEnd(event.at, playback.told)
        following = SegmentEnd(event.at, None)
    return found


def find_segment(at: Micros, playback: Playback, b: SegmentEnd) -> Segment | None:
    """What was played from a moment on, or None.

    :param playback: that of the moment
    """
    start = playback.position
    if not playback.playing or start is None:
        return None
    wall = (b.at - at) / SECOND
    end = start + min(wall, CAP) * playback.rate
    if b.position is not None and b.position >= start:
        end = b.position
    end = min(end, start + wall * playback.rate + TOLERANCE)
    if playback.duration is not None:
        end = min(end, playback.duration)
    return (start, end) if end - start >= SHORTEST and wall >= SHORTEST else None


def read_report(event: Event) -> WatchReport | None:
    """The report that an event carries, or None. Pieces that end before they start are left out."""
    pieces = tuple(sorted((start, end) for start, end in event.segments if end > start))
    if not pieces:
        return None
    micros = sum(floor((end - start) * SECOND) for start, end in pieces)
    return WatchReport(micros, event.at, event.event_id, pieces)


def best_report(events: Iterable[Event]) -> WatchReport | None:
    """The longest report, the later one among equals: reports are cumulative, and may arrive out of order."""
    return max(filter(None, map(read_report, events)), default=None)
