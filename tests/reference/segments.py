"""The stretches of a video that were played: paired from events, or reported by the player."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from coursepulse.definitions.segments import SegmentEnd, WatchReport, find_segment, read_report
from coursepulse.events.event import Event
from coursepulse.events.payloads import Segment
from tests.reference.playback import VideoKey, follow_players, video_key


class Played(NamedTuple):
    """A segment, and the event that opened it: it belongs to the event's day and course."""

    event: Event
    segment: Segment


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


def best_report(events: Iterable[Event]) -> WatchReport | None:
    """The longest report, the later one among equals: reports are cumulative, and may arrive out of order."""
    return max(filter(None, map(read_report, events)), default=None)
