from __future__ import annotations

from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE
from tests.reference.sessions import split_sessions


def lengths(*moments: int) -> list[int]:
    """How many events each session has."""
    events = [Event(bytes(16), "forum_view", at, bytes(16), b"x" * 16) for at in moments]
    return [len(session) for session in split_sessions(events)]


def test_no_events_are_no_session() -> None:
    assert lengths() == []


def test_thirty_minutes_join_and_more_splits() -> None:
    assert lengths(0, 30 * MINUTE, 60 * MINUTE + 1) == [2, 1]


def test_a_run_is_cut_every_24_hours_from_its_start() -> None:
    run = range(HOUR, 2 * DAY + 2 * HOUR, 30 * MINUTE)
    assert lengths(*run) == [48, 48, 2]


def test_a_pause_starts_the_24_hours_anew() -> None:
    run = [*range(0, 20 * HOUR, 30 * MINUTE), *range(21 * HOUR, 41 * HOUR, 30 * MINUTE)]
    assert lengths(*run) == [40, 40]
