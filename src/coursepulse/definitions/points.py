"""Points on a leaderboard: what each achievement is worth, what was gained lately, and who stands where.

All in whole numbers, so that a tie is a tie whatever order sums are made in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from coursepulse.kit.settings import Settings

#: The days that "lately" means, today included.
LATELY = timedelta(days=7)

#: A board with fewer students than this is not shown.
SMALLEST_BOARD = 3


class PointsRule(NamedTuple):
    """What each achievement is worth. The settings ``points_…`` have the usual values.

    :param lesson: a completed lesson
    :param passed: a passed quiz or assignment
    :param score: the best score in a quiz or assignment, if it is 100 %; less in proportion
    :param video: a video of which 90 % or more was watched
    :param day: a day with a learning event
    :param reply: a reply in a forum
    :param replies_a_day: how many replies of one day count
    """

    lesson: int
    passed: int
    score: int
    video: int
    day: int
    reply: int
    replies_a_day: int


def points_rule(settings: Settings) -> PointsRule:
    """Each field of the rule is a setting with ``points_`` before its name."""
    return PointsRule(*(getattr(settings, f"points_{name}") for name in PointsRule._fields))


class Achieved(NamedTuple):
    """What a student had achieved in a course at the end of a day.

    :param passed: quizzes and assignments passed
    :param score_pct: the best scores of quizzes and assignments, each as a whole per cent, added up
    :param replies: replies that count, see :attr:`PointsRule.replies_a_day`
    """

    lessons: int = 0
    passed: int = 0
    score_pct: int = 0
    videos: int = 0
    days: int = 0
    replies: int = 0


def count_points(achieved: Achieved, rule: PointsRule) -> int:
    """The points for everything achieved so far."""
    return (
        achieved.lessons * rule.lesson
        + achieved.passed * rule.passed
        + achieved.score_pct * rule.score // 100
        + achieved.videos * rule.video
        + achieved.days * rule.day
        + achieved.replies * rule.reply
    )


def gained_points(now: int, before: int) -> int:
    """Points gained since then. A regrade may have taken some away: nobody gains less than nothing."""
    return max(0, now - before)


def give_ranks(points: Sequence[int]) -> list[int]:
    """The rank of each: equal points share a rank, and the ranks after it are left out (1, 2, 2, 4)."""
    first: dict[int, int] = {}
    for place, each in enumerate(sorted(points, reverse=True), 1):
        first.setdefault(each, place)
    return [first[each] for each in points]
