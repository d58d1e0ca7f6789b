"""Work that waits for something new."""

from __future__ import annotations

import pytest

from coursepulse.jobs.on_change import OnChange


class Feed:
    """What there is to be done, and how often it was."""

    def __init__(self) -> None:
        self.newest, self.runs, self.away = 0, 0, False
        self.turn = OnChange(lambda: self.newest, self.run)

    def run(self) -> str:
        if self.away:
            raise ZeroDivisionError
        self.runs += 1
        return f"up to {self.newest}"


def test_the_first_turn_works_and_the_next_only_when_there_is_something_new() -> None:
    feed = Feed()
    assert [feed.turn() for _ in range(3)] == ["up to 0", None, None]
    feed.newest = 1
    assert [feed.turn() for _ in range(3)] == ["up to 1", None, None]
    assert feed.runs == 2


def test_what_failed_is_due_again() -> None:
    feed = Feed()
    feed.away = True
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            feed.turn()
    feed.away = False
    assert [feed.turn(), feed.turn()] == ["up to 0", None]


def test_what_comes_while_it_works_is_due_at_the_next_turn() -> None:
    feed = Feed()

    def run() -> None:
        feed.newest += feed.newest < 3
        feed.runs += 1

    turn = OnChange(lambda: feed.newest, run)
    for _ in range(9):
        turn()
    assert feed.runs == 4
