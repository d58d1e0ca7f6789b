"""What holds of outcomes whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.definitions.outcomes.case_mix import CaseCell, against_expected
from coursepulse.definitions.outcomes.durations import Stay, curve_at, time_to
from coursepulse.definitions.outcomes.gain import learning_gain
from coursepulse.definitions.outcomes.matching import match

STAYS = st.lists(
    st.builds(Stay, st.integers(1, 60).map(float), st.booleans(), st.booleans()), min_size=1, max_size=40
)


def make_cells(seed: int, people: int) -> list[CaseCell]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 2 * people // 9 + 2, 9)
    return [
        CaseCell((place // 3, place % 3), int(size), int(rng.integers(0, size + 1)))
        for place, size in enumerate(sizes)
    ]


@given(st.integers(0, 999), st.integers(0, 999))
def test_the_expected_share_does_not_depend_on_how_people_are_put_together(one: int, two: int) -> None:
    group, elsewhere = make_cells(one, 120), make_cells(two, 400)
    single = [CaseCell(each.traits, 1, int(n < each.succeeded)) for each in group for n in range(each.people)]
    whole, apart = against_expected(group, elsewhere), against_expected(single[::-1], elsewhere[::-1])
    assert (whole is None) == (apart is None)
    if whole and apart:
        assert whole.expected == pytest.approx(apart.expected, abs=1e-6)
        assert whole.difference == pytest.approx(apart.difference, abs=1e-6)
        assert whole.difference.low <= whole.difference.value <= whole.difference.high
        assert 0 < whole.expected < 1


def test_few_people_say_nothing() -> None:
    few, many = [CaseCell((0,), 9, 4)], [CaseCell((0,), 100, 50)]
    assert against_expected(few, many) is None
    assert against_expected([CaseCell((0,), 10, 4)], [CaseCell((0,), 49, 20)]) is None
    assert against_expected([CaseCell((0,), 10, 4)], many) is not None


def test_where_everybody_succeeds_nothing_breaks() -> None:
    found = against_expected([CaseCell((0,), 20, 20)], [CaseCell((0,), 300, 300), CaseCell((1,), 50, 50)])
    assert found is not None
    assert found.expected > 0.97
    assert found.difference.low < 0 < found.difference.high


@given(STAYS)
def test_the_days_until_half_are_done_lie_within_their_interval(stays: list[Stay]) -> None:
    found = time_to(stays)
    if found.days is not None:
        assert found.low is not None
        assert found.low <= found.days
        assert found.high is None or found.days <= found.high
        assert curve_at(stays, found.days) >= 0.5 - 1e-9
    else:
        assert curve_at(stays, 1e9) < 0.5


@given(STAYS)
def test_to_leave_or_to_be_still_at_it_never_counts_as_sooner(stays: list[Stay]) -> None:
    """Somebody who leaves counts among all for ever, so more who leave can only make it later."""
    found, more = time_to(stays), time_to([*stays, Stay(1, completed=False, left=True)])
    assert more.days is None or (found.days is not None and more.days >= found.days)


def test_without_anybody_at_it_or_gone_it_is_the_median() -> None:
    found = time_to([Stay(day, completed=True) for day in range(1, 102)])
    assert found.days == 51
    assert found.low is not None
    assert found.high is not None
    assert 38 < found.low < 51 < found.high < 64


def test_matching_says_how_alike_the_pairs_are_and_for_whom_there_is_none() -> None:
    rng = np.random.default_rng(3)
    features = np.r_[rng.normal(0, 1, (600, 1)), rng.normal(1, 1, (100, 1)), np.full((5, 1), 9.0)]
    treated = np.r_[np.zeros(600, bool), np.ones(105, bool)]
    found = match(features, treated, rng.random(705) < 0.5)
    assert found is not None
    assert found.treated == 105
    assert found.pairs <= 100, "five have nobody like them"
    assert found.apart[0] > 0.5
    assert abs(found.apart_after[0]) < 0.1
    assert found.alike
    assert 0 < found.overlap < 1


@given(st.integers(0, 99))
def test_each_person_is_in_one_pair_at_most(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features, treated = rng.normal(0, 1, (60, 2)), rng.random(60) < 0.4
    found = match(features, treated, treated)
    if found:
        assert found.pairs <= min(treated.sum(), (~treated).sum())
        assert (found.share, found.others_share) == (1.0, 0.0)
        assert found.difference.value == 1.0


def test_too_few_for_pairs_say_nothing() -> None:
    rng = np.random.default_rng(4)
    treated = np.arange(40) < 9
    assert match(rng.normal(0, 1, (40, 1)), treated, treated) is None
    assert match(rng.normal(0, 1, (40, 1)), np.ones(40, bool), treated) is None


def test_the_gain_needs_people_and_questions() -> None:
    rng = np.random.default_rng(5)
    first = rng.random((30, 8)) < 0.5
    assert learning_gain(first, np.arange(9), np.full(9, 0.8)) is None
    assert learning_gain(first[:, :1], np.arange(12), np.full(12, 0.8)) is None
    found = learning_gain(first, np.arange(12), np.full(12, 0.8))
    assert found is not None
    assert 0 <= found.reliability < 0.6, "coins have no ability"
    assert found.gain.low <= found.gain.value <= found.gain.high
    assert found == learning_gain(first, np.arange(12), np.full(12, 0.8))
