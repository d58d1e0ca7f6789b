"""The range in which somebody finishes a course holds the end as often as it says, and knows its own limits."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.definitions.pace import FEWEST, SHORTEST, PaceState, find_pace

TODAY = date(2026, 3, 9)


def days_ago(*days: int) -> list[date]:
    return [TODAY - timedelta(days=each) for each in days]


@pytest.mark.parametrize("a_week", [2, 4, 8])
def test_four_ends_out_of_five_lie_in_the_range(a_week: int) -> None:
    """Learners who complete lessons at random, as often as ``a_week``, half-way through their course."""
    rng, held, said = Random(a_week), 0, 0
    for _ in range(600):
        waits = [rng.expovariate(a_week / 7) for _ in range(12 * a_week)]
        moments = [int(each) for each in accumulate(waits)]
        today = TODAY + timedelta(days=41)
        done = [TODAY + timedelta(days=each) for each in moments if each <= 41]
        pace = find_pace(TODAY, done, len(moments), today)
        if pace.first and pace.last:
            said += 1
            held += pace.first <= TODAY + timedelta(days=moments[-1]) <= pace.last
    assert said > 500
    assert held / said == pytest.approx(0.82, abs=0.06)


@given(st.lists(st.integers(0, 80), max_size=30), st.integers(1, 40))
def test_a_range_is_never_in_the_past_and_holds_the_plain_pace(ago: list[int], more: int) -> None:
    completed = days_ago(*ago)
    pace = find_pace(min(completed, default=None), completed, len(ago) + more, TODAY)
    assert (pace.state is PaceState.ESTIMATED) == (pace.first is not None) == (pace.last is not None)
    if pace.first and pace.last:
        assert pace.lessons >= FEWEST
        assert pace.days >= SHORTEST
        plain = TODAY + timedelta(days=pace.left * pace.days / pace.lessons)
        assert TODAY < pace.first <= plain + timedelta(days=1)
        assert plain <= pace.last


@given(st.lists(st.integers(0, 80), min_size=1, max_size=30), st.integers(0, 10))
def test_order_makes_no_difference(ago: list[int], more: int) -> None:
    begun, total = min(days_ago(*ago)), len(ago) + more
    one, other = (find_pace(begun, days_ago(*each), total, TODAY) for each in (ago, ago[::-1]))
    assert one == other


def test_who_has_not_begun_has_no_pace() -> None:
    assert find_pace(None, [], 8, TODAY).state is PaceState.TOO_EARLY


def test_a_course_without_anything_left_is_never_estimated() -> None:
    assert find_pace(TODAY, days_ago(0, 0), 2, TODAY) == (PaceState.COMPLETED, 0, 0, 0, None, None)
