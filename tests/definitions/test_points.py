"""The points rule: whole numbers, ties, and what the settings may say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.definitions.points import (
    Achieved,
    PointsRule,
    count_points,
    gained_points,
    give_ranks,
    points_rule,
)
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings, load


def test_the_usual_rule() -> None:
    assert points_rule(Settings()) == PointsRule(
        lesson=10, passed=20, score=20, video=5, day=2, reply=2, replies_a_day=5
    )


def test_each_setting_is_one_part_of_the_rule() -> None:
    parts = PointsRule(1, 2, 3, 4, 5, 6, 7)
    chosen = {f"COURSEPULSE_POINTS_{name.upper()}": str(value) for name, value in parts._asdict().items()}
    assert points_rule(load(chosen)) == parts


@pytest.mark.parametrize("name", [f"points_{name}" for name in PointsRule._fields])
@pytest.mark.parametrize("value", ["-1", "1001", "2.5", "many"])
def test_a_value_that_is_no_number_of_points_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        load({f"COURSEPULSE_{name.upper()}": value})


def test_scores_are_worth_their_share_rounded_down_once() -> None:
    rule = PointsRule(0, 0, 3, 0, 0, 0, 0)
    assert [count_points(Achieved(score_pct=pct), rule) for pct in (0, 33, 34, 66, 67, 100, 134)] == [
        *(0, 0, 1, 1, 2, 3, 4)
    ]


def test_nobody_gains_less_than_nothing() -> None:
    assert (gained_points(10, 3), gained_points(3, 10)) == (7, 0)


@given(st.lists(st.integers(0, 5), max_size=12))
def test_a_rank_is_one_more_than_the_number_of_those_ahead(points: list[int]) -> None:
    assert give_ranks(points) == [1 + sum(other > each for other in points) for each in points]
