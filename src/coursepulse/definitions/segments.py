"""A stretch of a video that was played: between two events, or as the player reports it."""

from __future__ import annotations

from math import floor
from typing import NamedTuple

from coursepulse.definitions.playback import TOLERANCE, Playback
from coursepulse.definitions.time_on_task import CAP
from coursepulse.events.event import Event
from coursepulse.events.payloads import Segment
from coursepulse.kit.clock import SECOND, Micros

#: Seconds below which nothing was played. Of length, as edX Insights does it (``video.py``), and of time
#: passed: else each of the position markers that one seek fires at one moment would get the tolerance.
SHORTEST = 0.25


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
