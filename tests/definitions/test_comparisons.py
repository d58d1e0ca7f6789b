"""Two shares against each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.definitions.comparisons import compare_shares

close = pytest.approx


def test_the_interval_of_agresti_and_caffo() -> None:
    # By hand: 9/12 less 4/12, and 1.96 standard errors of 0.1848.
    assert compare_shares(8, 10, 3, 10) == close((50, 5.45, 77.88), abs=0.01)


@pytest.mark.parametrize(("of", "of_others"), [(4, 100), (100, 4), (0, 0)])
def test_a_few_say_nothing(of: int, of_others: int) -> None:
    assert compare_shares(0, of, 0, of_others) is None


@given(st.integers(5, 500), st.integers(5, 500), st.data())
def test_the_interval_turns_with_the_sides(of: int, of_others: int, data: st.DataObject) -> None:
    some, others = data.draw(st.integers(0, of)), data.draw(st.integers(0, of_others))
    one, other = compare_shares(some, of, others, of_others), compare_shares(others, of_others, some, of)
    assert one
    assert other
    assert one == close((-other.points, -other.high, -other.low))
    assert -100 <= one.low < one.high <= 100
