"""Arithmetic of segments that only the reference needs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from coursepulse.events.payloads import Segment


def repeated_seconds(segments: Iterable[Segment]) -> float:
    """Length of what at least two of the segments cover."""
    steps = sorted([edge for start, end in segments for edge in ((start, 1), (end, -1))])
    depth, total = 0, 0.0
    for (here, step), (there, _) in pairwise(steps):
        depth += step
        total += there - here if depth >= 2 else 0.0
    return total
