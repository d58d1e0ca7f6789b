from __future__ import annotations

from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.definitions.stats import mean
from tests.reference.stats import percentile_rank, quantile

values = st.lists(st.integers(0, 1000).map(float), min_size=2)


@given(values)
def test_quantile_is_the_inclusive_one(found: list[float]) -> None:
    twentieths = quantiles(found, n=20, method="inclusive")
    assert quantile(found, 0.15) == pytest.approx(twentieths[2])
    assert quantile(found, 0.85) == pytest.approx(twentieths[16])


def test_quantile_of_one_value_is_that_value() -> None:
    assert quantile([7.0], 0.85) == 7.0


@given(values)
def test_percentile_ranks_average_one_half(found: list[float]) -> None:
    assert mean(percentile_rank(value, found) for value in found) == pytest.approx(0.5)


def test_mean_of_nothing_is_none() -> None:
    assert mean([]) is None


def test_mean_does_not_depend_on_order() -> None:
    assert mean([1e16, 1.0, -1e16]) == mean([1e16, -1e16, 1.0])
