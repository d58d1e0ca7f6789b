"""Arithmetic of segments: how much of a line a heap of intervals covers."""

from __future__ import annotations

from collections.abc import Iterable

from coursepulse.events.payloads import Segment

#: Covering this share of the duration completes a video. Not all of it: credits roll at the end.
COMPLETE = 0.9


def clip_segments(segments: Iterable[Segment], duration: float | None) -> list[Segment]:
    """The segments inside [0, duration], sorted; those that lie outside are gone."""
    end_of_video = float("inf") if duration is None else duration
    clipped = ((max(0.0, start), min(end, end_of_video)) for start, end in segments)
    return sorted((start, end) for start, end in clipped if end > start)


def merge_segments(segments: Iterable[Segment]) -> list[Segment]:
    """The union as disjoint segments in order."""
    merged: list[Segment] = []
    for start, end in sorted(segments):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def covered_seconds(segments: Iterable[Segment]) -> float:
    """Length of the union."""
    return sum((end - start for start, end in merge_segments(segments)), 0.0)
