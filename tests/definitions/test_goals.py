"""How goals go: the week by its days, a course by the pace."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from coursepulse.definitions.goals import GoalState, judge_finish, judge_week, lessons_a_week
from coursepulse.definitions.pace import LearningPace, PaceState

MONDAY = date(2026, 3, 2)
NO_PACE = LearningPace(PaceState.TOO_EARLY)
#: Between the 10th and the 20th.
PACE = LearningPace(PaceState.ESTIMATED, 4, 28, 4, date(2026, 3, 10), date(2026, 3, 20))


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


@pytest.mark.parametrize(
    ("today", "spent", "state"),
    [
        (0, 0, GoalState.ON_TRACK),
        (1, 0, GoalState.BEHIND),
        (3, 29, GoalState.BEHIND),
        (3, 30, GoalState.ON_TRACK),
        (6, 69, GoalState.ON_TRACK),
        (6, 70, GoalState.REACHED),
    ],
)
def test_on_track_is_who_has_done_the_part_of_the_week_that_is_over(
    today: int, spent: int, state: GoalState
) -> None:
    assert judge_week(70, {day(0): spent} if spent else {}, day(today)).state is state


def test_only_this_week_counts_and_whole_weeks_are_looked_back_on() -> None:
    days = {day(-15): 70, day(-8): 30, day(-7): 40, day(-1): 30, day(1): 5}
    week = judge_week(70, days, day(2))
    # The weeks that begin on days -21, -14 and -7: 70, 30 and 70.
    assert (week.spent, week.kept, week.weeks) == (5, 2, 3)


def test_no_more_than_eight_weeks_are_looked_back_on() -> None:
    week = judge_week(10, {day(-7 * n): 10 for n in range(1, 20)}, day(0))
    assert (week.kept, week.weeks) == (8, 8)


@pytest.mark.parametrize(
    ("by", "completed", "pace", "state"),
    [
        (20, None, PACE, GoalState.ON_TRACK),
        (19, None, PACE, GoalState.CLOSE),
        (10, None, PACE, GoalState.CLOSE),
        (9, None, PACE, GoalState.BEHIND),
        (9, None, NO_PACE, GoalState.TOO_EARLY),
        (1, None, PACE, GoalState.MISSED),
        (1, 1, NO_PACE, GoalState.REACHED),
        (1, 2, NO_PACE, GoalState.MISSED),
    ],
)
def test_a_course_is_judged_by_its_completion_and_before_that_by_the_pace(
    by: int, completed: int | None, pace: LearningPace, state: GoalState
) -> None:
    done = None if completed is None else date(2026, 3, completed)
    assert judge_finish(date(2026, 3, by), done, pace, MONDAY) is state


def test_lessons_a_week_count_today_and_the_day_itself() -> None:
    assert lessons_a_week(4, day(13), day(0)) == 2
    assert lessons_a_week(4, day(0), day(0)) == 28
    assert lessons_a_week(4, day(-1), day(0)) is None
