"""Engagement: each active learner of a course and week against the others."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

#: Measures that must agree before a learner's band says low or high.
AGREEING = 3


class Band(StrEnum):
    """Against the course's own active learners, never against other courses."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


#: The five measures of a learner's week.
MEASURES = ("days_active", "time_spent", "lessons", "videos", "quiz_attempts")


def week_of(day: date) -> date:
    """The Monday of the ISO week."""
    return day - timedelta(days=day.weekday())
