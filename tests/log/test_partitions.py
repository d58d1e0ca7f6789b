"""Positions, and what a log with several partitions promises."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.events.event import Event
from coursepulse.kit.errors import SettingError
from coursepulse.log import open_log
from coursepulse.log.memory import MemoryLog, MemoryStorage
from coursepulse.log.port import EventLog
from coursepulse.log.positions import (
    MOST_PARTITIONS,
    Position,
    block_position,
    event_position,
    from_number,
    last_event,
    start,
    to_number,
)
from tests.log.samples import event

EVER = 1 << 62

#: All but the very last one, which has none behind it.
positions = st.builds(Position, st.integers(0, MOST_PARTITIONS - 1), st.integers(0, (1 << 43) - 2))
indexes = st.integers(0, 10_000)


@given(positions, indexes)
def test_a_number_of_63_bits_leads_back_to_its_block(position: Position, index: int) -> None:
    number = event_position(position, index)
    assert 0 <= number < 1 << 63
    assert block_position(number) == position
    assert from_number(to_number(position)) == position
    assert (
        number <= last_event(position) < event_position(Position(position.partition, position.offset + 1), 0)
    )


@given(positions, st.integers(0, (1 << 43) - 1), indexes, indexes)
def test_numbers_order_the_events_of_a_partition_as_the_log_does(
    one: Position, offset: int, first: int, second: int
) -> None:
    other = Position(one.partition, offset)
    assert (to_number(one) < to_number(other)) == (one < other)
    if one < other:
        assert event_position(one, first) < event_position(other, second)


def test_positions_of_two_partitions_have_no_order() -> None:
    for compare in (Position.__lt__, Position.__le__):
        with pytest.raises(ValueError, match="different partitions"):
            compare(Position(0, 5), Position(1, 6))
    assert Position(0, 5) != Position(1, 5)


def by(student: int, number: int) -> Event:
    return msgspec.structs.replace(event(number), student_id=student.to_bytes(16, "big"))


def read_partition(log: EventLog, partition: int) -> list[Event]:
    return [event for block in log.read(start(partition), EVER) for event in block.events]


SENT = [by(number % 7, number) for number in range(60)]


@pytest.fixture
def log() -> MemoryLog:
    """Three partitions, and 60 events of seven students in them."""
    log = MemoryLog(MemoryStorage(partitions=3))
    for first in range(0, 60, 10):
        log.append(SENT[first : first + 10]).result()
    return log


def test_a_student_is_in_one_partition_and_in_order(log: MemoryLog) -> None:
    found = [read_partition(log, number) for number in range(3)]
    assert all(found)
    assert sorted(each.at for some in found for each in some) == list(range(60))
    for student in {each.student_id for each in SENT}:
        [mine] = filter(None, ([e for e in some if e.student_id == student] for some in found))
        assert mine == [each for each in SENT if each.student_id == student]


def test_each_partition_is_finished_by_itself(log: MemoryLog) -> None:
    _, middle, _ = log.newest()
    log.commit("a", middle)
    assert [log.committed("a", number) for number in range(3)] == [start(0), middle, start(2)]
    assert log.lag("a") == 60 - len(read_partition(log, 1))
    assert log.prune(EVER, "a") == len(SENT) - log.lag("a")


def test_numbers_are_unique_over_all_partitions(log: MemoryLog) -> None:
    numbers = log.append(SENT).result()
    assert len(set(numbers)) == 60
    assert {block_position(number) for number in numbers} == set(log.newest())


def test_erasure_reaches_every_partition_up_to_its_own_position(log: MemoryLog) -> None:
    gone = SENT[3].student_id
    assert log.erase(gone, log.newest(), lambda _: None) == sum(one.student_id == gone for one in SENT)
    left = [each for number in range(3) for each in read_partition(log, number)]
    assert sorted(each.at for each in left) == [one.at for one in SENT if one.student_id != gone]


def test_a_log_in_memory_is_opened_by_url_and_refused_where_two_processes_need_it() -> None:
    log = open_log("memory://", shared=False)
    log.append([event(1)]).result()
    assert log.lag("any") == 1
    with pytest.raises(SettingError, match="memory serves one process"):
        open_log("memory://")
