"""Arithmetic of segments: how much of a line a heap of intervals covers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from coursepulse.events.payloads import Segment

#: Seconds that make no difference: players round to thousandths.
SAME = 0.001

#: Covering this share of the duration completes a video. Not all of it: credits roll at the end.
COMPLETE = 0.9


class Stretch(NamedTuple):
    """A part of a line that the same number of intervals covers throughout."""

    start: float
    end: float
    times: int

    @property
    def length(self) -> float:
        """From its start to its end."""
        return self.end - self.start


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


def cut_stretches(segments: Iterable[Segment]) -> list[Stretch]:
    """The union in pieces, in order, each with how many of the segments cover it."""
    steps = sorted([edge for start, end in segments for edge in ((start, 1), (end, -1))])
    found, depth = list[Stretch](), 0
    for (here, step), (there, _) in pairwise(steps):
        depth += step
        if not depth or there == here:
            continue
        if found and (found[-1].end, found[-1].times) == (here, depth):
            found[-1] = found[-1]._replace(end=there)
        else:
            found.append(Stretch(here, there, depth))
    return found


def lies_within(inner: Iterable[Segment], outer: Iterable[Segment]) -> bool:
    """All of the one is covered by the other, but for less than :data:`SAME` seconds."""
    held = list(outer)
    return covered_seconds([*held, *inner]) - covered_seconds(held) < SAME


def overlaps(segments: Iterable[Segment], others: Iterable[Segment]) -> list[Segment]:
    """What each of the segments shares with each of the others."""
    played = list(others)
    shared = ((max(a, c), min(b, d)) for a, b in segments for c, d in played)
    return [(start, end) for start, end in shared if end > start]
