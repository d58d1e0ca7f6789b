"""What is due is worked on once, and nothing that fails is lost; a follower that this module adds."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursepulse.stream.changed_keys import ChangedKeys, Due
from coursepulse.stream.follower import Follower
from coursepulse.stream.ports import Renewed
from coursepulse.stream.stages import AppliedBatch

DAY = date(2026, 3, 1)


def batch(position: int, *students: int, days: int = 1) -> AppliedBatch:
    learners = {("maths", bytes([student])) for student in students}
    renewed = Renewed(learners, {DAY + timedelta(days=number) for number in range(days)})
    return AppliedBatch(position, [renewed], 0, None, 0)


class Diary:
    """Follows the days, two at a time, and fails when told to."""

    name: ClassVar[str] = "diary"

    def __init__(self, changed: ChangedKeys) -> None:
        self.changed, self.days, self.broken = changed, list[date](), False

    def refresh(self) -> None:
        with self.changed.days.newest(2) as days:
            if self.broken:
                raise ZeroDivisionError
            self.days += days


@pytest.fixture
def diary() -> Diary:
    return Diary(ChangedKeys())


def test_a_follower_of_this_module_hears_of_every_day_once_the_newest_first(diary: Diary) -> None:
    follower: Follower = diary
    diary.changed.note(batch(1, 1, days=3))
    for _ in range(4):
        follower.refresh()
    assert diary.days == [DAY + timedelta(days=number) for number in (2, 1, 0)]
    diary.changed.note(batch(2, 1, days=1))
    follower.refresh()
    assert diary.days[3:] == [DAY]


def test_what_fails_is_due_again(diary: Diary) -> None:
    diary.changed.note(batch(1, 1, days=3))
    diary.broken = True
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            diary.refresh()
    diary.broken = False
    diary.refresh()
    diary.refresh()
    assert len(diary.days) == len(set(diary.days)) == 3


def test_what_changes_during_a_turn_is_due_at_the_next() -> None:
    due = Due[int]()
    due.add([1, 2])
    with due.turn() as keys:
        due.add([2, 3])
        assert keys == {1, 2}
    with due.turn() as keys:
        assert keys == {2, 3}
    assert len(due) == 0


def test_what_is_being_worked_on_is_not_finished() -> None:
    due = Due[int]()
    due.add([1, 2])
    with due.turn():
        due.add([2, 3])
        assert due.unfinished == 4, "what changed meanwhile is done again"
    assert due.unfinished == 2
    with pytest.raises(ZeroDivisionError), due.turn(1):
        fail_with(set())
    assert due.unfinished == 2


def test_what_a_turn_takes_on_by_itself_is_due_if_it_fails() -> None:
    due = Due[int]()
    with pytest.raises(ZeroDivisionError), due.turn(1) as keys:
        fail_with(keys)
    with due.turn() as keys:
        assert keys == {9}


def fail_with(keys: set[int]) -> None:
    keys.add(9)
    raise ZeroDivisionError


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(st.lists(st.tuples(st.sets(st.integers(0, 9)), st.integers(0, 4), st.booleans()), max_size=12))
def test_no_key_is_lost_or_worked_on_without_a_reason(steps: list[tuple[set[int], int, bool]]) -> None:
    due, wanted = Due[int](), set[int]()
    for keys, some, fails in steps:
        due.add(keys)
        wanted |= keys
        with suppress(ZeroDivisionError), due.turn(some) as taken:
            assert len(taken) == min(some, len(wanted))
            assert taken <= wanted
            _ = 1 / (not fails)
            wanted -= taken
    with due.turn() as taken:
        assert taken == wanted


def test_a_batch_is_known_as_applied_once_its_learners_are_due() -> None:
    changed = ChangedKeys()
    assert changed.applied is None
    changed.note(batch(1, 1, 2))
    changed.note(batch(2, 2, 3))
    assert changed.applied == batch(2)._replace(renewed=[])
    with changed.learners.turn() as learners:
        assert learners == {("maths", bytes([student])) for student in (1, 2, 3)}
    assert len(changed.students) == 0
    changed.followed(learners)
    with changed.students.turn() as students:
        assert students == {b"\1", b"\2", b"\3"}
