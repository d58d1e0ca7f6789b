"""How far the clock of a sender is from ours: the middle of many differences, kept as counts. Pure.

Differences are counted in steps that grow by a tenth, so that a day of them is a handful of numbers that add up in any
order, and the middle one is right to a twentieth of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import copysign, expm1, log, log1p

from coursepulse.kit.clock import SECOND, Micros

#: By how much one step is longer than the step before.
_GROWTH = log(1.1)


def step_of(difference: Micros) -> int:
    """The step of a difference; negative for what is dated after it was received."""
    steps = round(log1p(abs(difference) / SECOND) / _GROWTH)
    return -steps if difference < 0 else steps


def seconds_of(step: int) -> float:
    """The difference in the middle of a step."""
    return copysign(round(expm1(abs(step) * _GROWTH), 1), step) if step else 0.0


def middle_of(counted: Mapping[int, int]) -> float | None:
    """The median in seconds, the lower one of two; None where nothing was counted."""
    wanted = (sum(counted.values()) + 1) // 2
    for step in sorted(counted):
        wanted -= counted[step]
        if wanted <= 0:
            return seconds_of(step)
    return None
