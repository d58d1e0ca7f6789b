"""Streaks: days in a row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta


def current_streak(days: Collection[date], today: date) -> int:
    """Active days in a row that end today or yesterday: a streak is not lost before the day is over.

    :param days: active days, in the calendar of ``today`` (the learner's own)
    """
    return len(streak_days(days, today))


def streak_days(days: Collection[date], today: date) -> list[date]:
    """The days of the streak, the last first."""
    active, yesterday = set(days), today - timedelta(days=1)
    last = today if today in active else yesterday
    return [last - timedelta(days=back) for back in range(streak_ending(active, last))]


def streak_ending(days: Collection[date], last: date) -> int:
    """Active days in a row of which ``last`` is the last; 0 when it is not active."""
    length = 0
    while last - timedelta(days=length) in days:
        length += 1
    return length
