"""Arithmetic of segments that only the reference needs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from coursepulse.definitions.coverage import covered_seconds
from coursepulse.events.payloads import Segment

#: Seconds that make no difference: players round to thousandths.
SAME = 0.001


def repeated_seconds(segments: Iterable[Segment]) -> float:
    """Length of what at least two of the segments cover."""
    steps = sorted([edge for start, end in segments for edge in ((start, 1), (end, -1))])
    depth, total = 0, 0.0
    for (here, step), (there, _) in pairwise(steps):
        depth += step
        total += there - here if depth >= 2 else 0.0
    return total


def lies_within(inner: Iterable[Segment], outer: Iterable[Segment]) -> bool:
    """All of the one is covered by the other, but for less than :data:`SAME` seconds."""
    held = list(outer)
    return covered_seconds([*held, *inner]) - covered_seconds(held) < SAME


def overlaps(segments: Iterable[Segment], others: Iterable[Segment]) -> list[Segment]:
    """What each of the segments shares with each of the others."""
    played = list(others)
    shared = ((max(a, c), min(b, d)) for a, b in segments for c, d in played)
    return [(start, end) for start, end in shared if end > start]
