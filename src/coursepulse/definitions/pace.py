"""When a learner who goes on like this finishes a course: a range, or that it is too early to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from math import ceil, exp, sqrt
from typing import NamedTuple

#: Days of a learner's own work that are looked at, the last of them today. Whole weeks, because weekdays differ.
WINDOW = 42
WEEK = 7

#: With fewer days since the beginning, or fewer lessons in the window, chance decides more than pace.
SHORTEST = 14
FEWEST = 4

#: Nothing is said about an end that may be further away, in days.
FURTHEST = 365

#: Half the width of a range that holds four ends out of five: the 90th percentile of the normal distribution.
_WIDTH = 1.2816


class PaceState(StrEnum):
    """What can be said about the end of a course."""

    COMPLETED = "completed"
    ESTIMATED = "estimated"
    TOO_EARLY = "too_early"
    PAUSED = "paused"
    TOO_FAR = "too_far"


class LearningPace(NamedTuple):
    """How fast a learner has been lately, and where that leads.

    :param lessons: lessons completed in the window
    :param days: how many days of the window lie after the beginning
    :param left: lessons that are not completed
    :param first: the first day of the range
    :param last: the last day of the range
    """

    state: PaceState
    lessons: int = 0
    days: int = 0
    left: int = 0
    first: date | None = None
    last: date | None = None


def find_pace(begun_on: date | None, completed: Sequence[date], total: int, today: date) -> LearningPace:
    """The pace of a learner in a course of ``total`` lessons.

    :param begun_on: the first day on which a lesson was begun or completed
    :param completed: for each completed lesson the day on which that happened first
    """
    left = max(0, total - len(completed))
    if not left:
        return LearningPace(PaceState.COMPLETED)
    days = min(WINDOW, (today - begun_on).days + 1) if begun_on else 0
    lately = [day for day in completed if day > today - timedelta(days=days)]
    pace = LearningPace(PaceState.TOO_EARLY, len(lately), days, left)
    if completed and days >= SHORTEST and not lately:
        return pace._replace(state=PaceState.PAUSED)
    if days < SHORTEST or len(lately) < FEWEST:
        return pace
    return _estimate(pace, _unevenness(lately, days, today), today)


def _estimate(pace: LearningPace, unevenness: float, today: date) -> LearningPace:
    """The range: uncertain is how fast the learner is, and how the lessons that are left will fall."""
    usual = pace.left * pace.days / pace.lessons
    spread = exp(_WIDTH * sqrt(unevenness * (1 / pace.lessons + 1 / pace.left)))
    if usual * spread > FURTHEST:
        return pace._replace(state=PaceState.TOO_FAR)
    first, last = (today + timedelta(days=ceil(days)) for days in (usual / spread, usual * spread))
    return pace._replace(state=PaceState.ESTIMATED, first=first, last=last)


def _unevenness(lately: Sequence[date], days: int, today: date) -> float:
    """How much more the lessons of whole weeks vary than by chance alone, at least 1.

    Somebody who learns in bursts is less predictable than somebody with the same mean who learns every day.
    """
    weeks = days // WEEK
    counts = [0] * weeks
    for day in lately:
        week = (today - day).days // WEEK
        if week < weeks:
            counts[week] += 1
    mean = sum(counts) / weeks
    if not mean:
        return 1.0
    return max(1.0, sum((count - mean) ** 2 for count in counts) / (weeks - 1) / mean)
