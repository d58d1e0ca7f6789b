"""Which members of a team a manager should talk to: facts of thirty days, no forecast."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

#: How far back and ahead is looked.
WINDOW = timedelta(days=30)

#: Less time on task than this, in seconds, is little.
LITTLE = 3600.0


class TalkReason(StrEnum):
    """Why somebody is listed, the weightiest first."""

    DORMANT = "dormant"
    LITTLE_TIME = "little_time"
    ENDS_SOON = "ends_soon"


class RecentLearning(NamedTuple):
    """What a member did lately.

    :param courses: courses that the member is in and has not completed
    :param time_spent: seconds on task in the last thirty days
    :param last_day: the last day with a learning event; None when there is none
    :param next_end: the first day on which one of these courses ends
    """

    courses: int
    time_spent: float
    last_day: date | None
    next_end: date | None


def attention(recent: RecentLearning, today: date) -> list[TalkReason]:
    """The reasons; none for those who have nothing to do."""
    if not recent.courses:
        return []
    dormant = recent.last_day is None or recent.last_day < today - WINDOW
    ends = recent.next_end is not None and recent.next_end <= today + WINDOW
    little = not dormant and recent.time_spent < LITTLE
    found = {TalkReason.DORMANT: dormant, TalkReason.LITTLE_TIME: little, TalkReason.ENDS_SOON: ends}
    return [reason for reason, holds in found.items() if holds]
