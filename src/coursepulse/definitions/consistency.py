"""The consistency score: how often and how regularly somebody learns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

#: Days that count, today included.
WINDOW = 28


def consistency_score(days: Iterable[date], today: date) -> float:
    """0..1. One more active day never lowers it: the share of days grows, and no gap gets longer.

    :param days: active days in the learner's own calendar, as ``today``
    """
    before = today - timedelta(days=WINDOW)
    active = sorted({day for day in days if before < day <= today})
    if not active:
        return 0.0
    # The days next to the window count as active: so the longest gap runs over exactly 1..28.
    borders = [before, *active, today + timedelta(days=1)]
    longest = max((later - earlier).days for earlier, later in pairwise(borders))
    return 0.5 * len(active) / WINDOW + 0.5 * (1 - (longest - 1) / (WINDOW - 1))
