"""Filters of ids never miss one, and seldom take a stranger for known."""

from __future__ import annotations

import random

from coursepulse.store.postgres.day_ids import DayIds


def ids(seed: int, many: int) -> list[bytes]:
    source = random.Random(seed)
    return [source.randbytes(16) for _ in range(many)]


def test_what_was_told_is_found() -> None:
    days, first, more = DayIds(), ids(1, 3_000), ids(2, 40_000)
    days.learn(7, b"".join(first))
    days.add(7, more)
    assert set(days.find(7, [*first, *more])) == {*first, *more}
    strangers = ids(3, 20_000)
    assert len(days.find(7, strangers)) < 400
    assert days.find(7, []) == []


def test_ids_that_begin_alike_are_told_apart() -> None:
    days = DayIds()
    alike = [bytes(8) + number.to_bytes(8) for number in range(20_000)]
    days.learn(7, b"".join(alike[:10_000]))
    assert 10_000 <= len(days.find(7, alike)) < 10_200


def test_of_a_day_that_is_not_known_every_id_may_be_there() -> None:
    days, some = DayIds(), ids(1, 3)
    assert days.find(7, some) == some
    days.add(7, some)
    assert not days.knows(7)
    days.learn(7, b"")
    assert days.find(7, some) == []
    days.forget([7])
    assert days.find(7, some) == some


def test_the_days_that_were_used_longest_ago_are_forgotten() -> None:
    days = DayIds(most_bytes=20_000)
    for day in (1, 2, 3):
        days.learn(day, b"")
    for day in (1, 2, 1, 3):
        days.add(day, ids(day, 10))
    assert [days.knows(day) for day in (1, 2, 3)] == [True, False, True]
