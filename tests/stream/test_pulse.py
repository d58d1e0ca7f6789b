"""What the pipeline has taken in lately."""

from __future__ import annotations

from coursepulse.kit.clock import MINUTE, SECOND, Micros
from coursepulse.stream.pulse import Pulse, PulseMinute, Taken

BEGAN: Micros = 1_000 * MINUTE + 40 * SECOND


class Watch:
    """A clock to set."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> Micros:
        return self.now


def test_the_rate_is_that_of_the_last_ten_seconds() -> None:
    watch = Watch()
    pulse = Pulse(watch)
    watch.now += 60 * SECOND
    pulse.note(500, 300_000)
    watch.now += 4 * SECOND
    pulse.note(100, 200_000)
    assert pulse.taken() == Taken(60.0, 200_000)
    watch.now += 6 * SECOND
    assert pulse.taken() == Taken(10.0, 200_000)
    watch.now += 4 * SECOND
    assert pulse.taken() == Taken(0.0, 200_000)


def test_just_after_a_start_the_rate_is_not_too_low() -> None:
    watch = Watch()
    pulse = Pulse(watch)
    watch.now += 2 * SECOND
    pulse.note(100, None)
    assert pulse.taken() == Taken(50.0, None)


def test_minutes_go_back_an_hour_and_not_before_the_start() -> None:
    watch = Watch()
    pulse = Pulse(watch)
    pulse.note(1, None)
    watch.now += 30 * SECOND
    pulse.note(2, None)
    pulse.note(3, None)
    first = BEGAN - BEGAN % MINUTE
    assert pulse.minutes() == [PulseMinute(first, 1), PulseMinute(first + MINUTE, 5)]
    watch.now += 2 * MINUTE
    assert [each.events for each in pulse.minutes()] == [1, 5, 0, 0]
    watch.now += 58 * MINUTE
    pulse.note(7, None)
    assert [each.events for each in pulse.minutes()] == [5, *[0] * 59, 7]
    for _ in range(3 * 60):
        watch.now += 20 * SECOND
        pulse.note(1, None)
    assert len(pulse.minutes()) == 61
    assert sum(each.events for each in pulse.minutes()[1:-1]) == 59 * 3


def test_the_slowest_of_a_hundred_events_is_told_as_long_as_it_is_recent() -> None:
    watch = Watch()
    pulse = Pulse(watch)
    assert pulse.slowest() is None
    pulse.note(1, 9 * SECOND)
    pulse.note(49, 2 * SECOND)
    assert pulse.slowest() == 9 * SECOND
    watch.now += MINUTE
    pulse.note(50, SECOND)
    assert pulse.slowest() == 2 * SECOND
    watch.now += MINUTE
    assert pulse.slowest() == SECOND
    watch.now += 2 * MINUTE
    assert pulse.slowest() is None


def test_every_event_of_a_run_counts_by_how_late_it_was() -> None:
    pulse = Pulse(Watch())
    pulse.note(3, SECOND)
    pulse.note(2, SECOND + 1)
    pulse.note(1, 7200 * SECOND)
    pulse.note(5, None)
    fresh = pulse.freshness()
    assert [fresh.within[bound] for bound in (0.5, 1.0, 2.0, 3600.0)] == [0, 3, 5, 5]
    assert (fresh.events, round(fresh.seconds)) == (6, 3 + 2 + 7200)
