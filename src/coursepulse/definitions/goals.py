"""How a goal goes that somebody has set for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from coursepulse.definitions.pace import LearningPace

WEEK = timedelta(days=7)

#: Whole weeks that are looked back on.
WEEKS = 8


class GoalState(StrEnum):
    """How it goes."""

    REACHED = "reached"
    ON_TRACK = "on_track"
    CLOSE = "close"
    BEHIND = "behind"
    MISSED = "missed"
    TOO_EARLY = "too_early"


class WeeklyGoal(NamedTuple):
    """How minutes a week go.

    :param spent: time on task of this week, in microseconds
    :param kept: whole weeks before this one in which the goal was reached, of ``weeks``
    :param weeks: how many whole weeks there were since the first day of learning, at most :data:`WEEKS`
    """

    state: GoalState
    spent: int
    kept: int
    weeks: int


def judge_week(wanted: int, days: Mapping[date, int], today: date) -> WeeklyGoal:
    """How a goal of ``wanted`` microseconds a week goes; weeks begin on Monday.

    :param days: time on task by day, in microseconds like ``wanted``
    """
    monday = today - timedelta(days=today.weekday())
    spent = _spent(days, monday)
    starts = [monday - n * WEEK for n in range(1, WEEKS + 1)]
    since = [start for start in starts if days and start >= min(days) - timedelta(days=min(days).weekday())]
    kept = sum(_spent(days, start) >= wanted for start in since)
    return WeeklyGoal(_state_of_week(spent, wanted, today.weekday()), spent, kept, len(since))


def _spent(days: Mapping[date, int], monday: date) -> int:
    return sum(days.get(monday + timedelta(days=n), 0) for n in range(7))


def _state_of_week(spent: int, wanted: int, days_over: int) -> GoalState:
    """On track is who has done the part of the week that is over; today still counts."""
    if spent >= wanted:
        return GoalState.REACHED
    return GoalState.ON_TRACK if spent >= wanted * days_over / 7 else GoalState.BEHIND


def judge_finish(finish_on: date, completed_on: date | None, pace: LearningPace, today: date) -> GoalState:
    """How it goes to finish a course by a day, by the range in which it is finished at the present pace."""
    if completed_on is not None:
        return GoalState.REACHED if completed_on <= finish_on else GoalState.MISSED
    if today > finish_on:
        return GoalState.MISSED
    if pace.first is None or pace.last is None:
        return GoalState.TOO_EARLY
    if pace.last <= finish_on:
        return GoalState.ON_TRACK
    return GoalState.CLOSE if pace.first <= finish_on else GoalState.BEHIND


def lessons_a_week(left: int, finish_on: date, today: date) -> float | None:
    """How many lessons a week it takes; None where no day is left."""
    days = (finish_on - today).days + 1
    return 7 * left / days if days > 0 else None
