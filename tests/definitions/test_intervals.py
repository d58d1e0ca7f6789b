"""Bounds of shares and means, against published values."""

from __future__ import annotations

from statistics import fmean, mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.definitions.intervals import bounded_mean, mean_interval, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion", Statist. Med. 17 (1998), table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_shares_have_the_published_bounds(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == pytest.approx((100 * low, 100 * high), abs=0.006)


@pytest.mark.parametrize(("number", "point"), [(20, 2.0930), (30, 2.0452), (100, 1.9842), (1001, 1.9623)])
def test_means_have_the_bounds_of_student(number: int, point: float) -> None:
    low, high = mean_interval(50, 100, number)
    assert (high - low) / 2 == pytest.approx(point * 10 / number**0.5, abs=0.0005)


@given(st.integers(1, 2000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_a_share_lies_between_its_bounds(counted: tuple[int, int]) -> None:
    part, whole = counted
    low, high = wilson(part, whole)
    share = 100 * part / whole
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 100


@given(st.lists(st.floats(0, 100), min_size=20, max_size=60))
def test_a_mean_lies_between_its_bounds(scores: list[float]) -> None:
    low, high = mean_interval(mean(scores), variance(scores), len(scores))
    assert 0 <= low <= mean(scores) + 1e-9
    assert mean(scores) - 1e-9 <= high <= 100


def test_a_lucky_few_do_not_stand_above_a_sure_many() -> None:
    assert wilson(20, 20).low < wilson(475, 500).low


@given(st.lists(st.floats(0, 100), min_size=20, max_size=60))
def test_a_mean_of_which_nothing_else_is_known_lies_within_its_bounds(values: list[float]) -> None:
    middle = fmean(values)
    wide = bounded_mean(middle, len(values))
    assert 0 <= wide.low <= middle + 1e-9
    assert middle - 1e-9 <= wide.high <= 100


def test_such_bounds_are_those_of_student_where_values_differ_most() -> None:
    halves = [0.0, 100.0] * 50
    assert bounded_mean(50, 100).low == pytest.approx(mean_interval(50, variance(halves), 100).low, abs=0.6)


def test_a_bounded_mean_of_all_or_nothing_is_the_share() -> None:
    assert bounded_mean(75, 20) == wilson(15, 20)
