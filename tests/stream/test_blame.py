"""Finding the events that a store refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.events.event import Event
from coursepulse.kit.errors import StoreRejected, StoreUnavailable
from coursepulse.kit.ids import NIL
from coursepulse.stream.blame import PositionedEvent, blame


def place(count: int) -> list[PositionedEvent]:
    return [
        PositionedEvent(number, Event(number.to_bytes(16, "big"), "video_play", 0, NIL, NIL))
        for number in range(count)
    ]


class Picky:
    """Takes parts in which nothing is poisonous, as a database transaction does: all or nothing."""

    def __init__(self, poison: set[int]) -> None:
        self.poison = poison
        self.taken: list[int] = []

    def __call__(self, part: list[PositionedEvent]) -> None:
        bad = sorted(one.position for one in part if one.position in self.poison)
        if bad:
            raise StoreRejected(f"cannot take {bad[0]}")
        self.taken += [one.position for one in part]


def run(count: int, poison: set[int], *, patient: bool = True) -> tuple[list[int], list[int]]:
    store, refused = Picky(poison), list[int]()

    def refuse(event: Event | bytes, position: int, why: str) -> None:
        refused.append(position)

    blame(place(count), store, refuse, patient=patient)
    return store.taken, refused


@given(
    st.integers(1, 60).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1), max_size=n - 1))
    )
)
def test_exactly_the_poison_is_refused(case: tuple[int, set[int]]) -> None:
    count, poison = case
    taken, refused = run(count, poison)
    assert sorted(refused) == sorted(poison)
    assert sorted(taken) == sorted(set(range(count)) - poison)


def test_when_everything_is_refused_the_store_is_suspected_first() -> None:
    with pytest.raises(StoreUnavailable, match="every event"):
        run(4, {0, 1, 2, 3})


def test_when_waiting_did_not_help_all_of_them_are_refused() -> None:
    taken, refused = run(4, {0, 1, 2, 3}, patient=False)
    assert (taken, sorted(refused)) == ([], [0, 1, 2, 3])


def test_one_refused_event_alone_does_not_hold_up_the_log() -> None:
    assert run(1, {0}) == ([], [0])
