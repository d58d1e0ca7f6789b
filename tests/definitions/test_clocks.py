"""The middle of many differences, kept as counts of steps."""

from __future__ import annotations

from collections import Counter
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.definitions.clocks import middle_of, seconds_of, step_of
from coursepulse.kit.clock import DAY, HOUR, SECOND

differences = st.lists(st.integers(-400 * DAY, 400 * DAY) | st.integers(-HOUR, HOUR), min_size=1)


@given(differences)
def test_the_middle_is_the_median_within_a_twentieth(found: list[int]) -> None:
    middle = middle_of(Counter(map(step_of, found)))
    assert middle == pytest.approx(median_low(found) / SECOND, rel=0.051, abs=0.15)


@given(differences, st.data())
def test_counts_add_up_in_any_order(found: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(found)))
    parts = Counter(map(step_of, found[:cut])) + Counter(map(step_of, found[cut:]))
    assert middle_of(parts) == middle_of(Counter(map(step_of, reversed(found))))


def test_nothing_counted_has_no_middle() -> None:
    assert middle_of({}) is None
    assert seconds_of(0) == 0
