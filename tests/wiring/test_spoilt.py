"""One of many that cannot be worked on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from coursepulse.jobs.scheduler import Job, run_job
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.stream.isolate import spare_others


class Panic(BaseException):
    """As a library written in Rust throws it."""


def bad(some: list[int], spoilt: set[int], done: set[int]) -> None:
    if spoilt & set(some):
        raise Panic
    done.update(some)


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1), max_size=n - 1))
    )
)
def test_exactly_the_spoilt_ones_are_left(case: tuple[int, set[int]]) -> None:
    (count, spoilt), done = case, set[int]()
    with capture_logs():  # a traceback each would take most of the time
        left = spare_others("number", range(count), lambda some: bad(some, spoilt, done))
    assert set(left) == spoilt
    assert done == set(range(count)) - spoilt


def test_one_alone_holds_up_nobody() -> None:
    assert spare_others("number", [7], lambda some: bad(some, {7}, set())) == [7]


def test_where_nobody_can_be_worked_on_it_is_tried_again() -> None:
    with pytest.raises(StoreUnavailable, match="None of 3"):
        spare_others("number", [1, 2, 3], lambda some: bad(some, {1, 2, 3}, set()))


def test_a_database_that_is_away_is_nobodys_fault() -> None:
    def away(some: list[int]) -> None:
        raise StoreUnavailable("gone")

    with pytest.raises(StoreUnavailable, match="gone"):
        spare_others("number", [1, 2], away)


def test_a_panic_ends_no_job() -> None:
    def panic() -> None:
        raise Panic

    run_job(Job("job", 1.0, panic))
