"""A clock that is put forward or back while somebody goes by it."""

from __future__ import annotations

from coursepulse.kit.clock import DAY, HOUR, SECOND, SteadyClock


class Watch:
    """The clock on the wall, and the time that really passes."""

    def __init__(self) -> None:
        self.shown, self.passed = 1_000 * DAY, 0
        self.steady = SteadyClock(lambda: self.shown, lambda: self.passed)

    def wait(self, time: int) -> None:
        self.shown, self.passed = self.shown + time, self.passed + time


def test_it_goes_with_a_good_clock() -> None:
    watch = Watch()
    for _ in range(3):
        watch.wait(HOUR)
        watch.shown += SECOND  # a little fast
        assert watch.steady() == watch.shown


def test_it_goes_back_at_once() -> None:
    watch = Watch()
    watch.wait(HOUR)
    watch.shown -= 2 * HOUR
    assert watch.steady() == watch.shown


def test_it_goes_forward_no_faster_than_time_passes() -> None:
    watch = Watch()
    right = watch.shown
    watch.shown += DAY
    assert watch.steady() == right
    watch.wait(HOUR)
    assert watch.steady() == right + HOUR
    watch.shown -= DAY
    watch.wait(HOUR)
    assert watch.steady() == right + 2 * HOUR == watch.shown


def test_a_clock_that_stays_ahead_for_a_day_is_believed() -> None:
    watch = Watch()
    watch.shown += 300 * DAY
    watch.steady()
    watch.wait(DAY)
    assert watch.steady() == watch.shown
