"""Positions, and what a log with several partitions promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
    partition_of,
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


def fill(log: EventLog) -> EventLog:
    """Put the 60 events of seven students into a log with three partitions."""
    for first in range(0, 60, 10):
        log.append(SENT[first : first + 10]).result()
    return log


@pytest.fixture(params=["memory", "files"])
def divided(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    """Three partitions, and :data:`SENT` in them."""
    files = f"sqlite://{tmp_path / 'log' / 'events.sqlite'}?partitions=3"
    log: EventLog = MemoryLog(MemoryStorage(partitions=3)) if request.param == "memory" else open_log(files)
    yield fill(log)
    log.close()


def test_a_student_is_in_one_partition_and_in_order(divided: EventLog) -> None:
    found = [read_partition(divided, number) for number in range(3)]
    assert all(found)
    assert sorted(each.at for some in found for each in some) == list(range(60))
    for student in {each.student_id for each in SENT}:
        [mine] = filter(None, ([e for e in some if e.student_id == student] for some in found))
        assert mine == [each for each in SENT if each.student_id == student]


def test_the_pseudonym_says_in_which_partition_a_student_is(divided: EventLog) -> None:
    assert divided.partitions == 3
    for number in range(3):
        assert {partition_of(each.student_id, 3) for each in read_partition(divided, number)} == {number}


def test_an_append_answers_with_the_numbers_in_the_order_of_its_events(divided: EventLog) -> None:
    numbers = divided.append(SENT).result()
    places = {
        event_position(block.position, index): each
        for number in range(3)
        for block in divided.read(start(number), EVER)
        for index, each in enumerate(block.events)
    }
    assert [places[number] for number in numbers] == SENT


def test_each_partition_is_waited_for_by_itself(divided: EventLog) -> None:
    assert [divided.wait(position, 0) for position in divided.newest()] == [False, False, False]
    divided.append([SENT[4]]).result()
    chosen = partition_of(SENT[4].student_id, 3)
    moved = [divided.wait(position, 0) for position in before(divided, chosen)]
    assert moved == [number == chosen for number in range(3)]


def before(log: EventLog, partition: int) -> list[Position]:
    """The newest positions, but of one partition the one before it."""
    return [
        each if each.partition != partition else Position(partition, each.offset - 1) for each in log.newest()
    ]


@pytest.mark.parametrize("query", ["partitions=0", "partitions=65", "partitions=x", "parts=2"])
def test_a_number_of_partitions_that_cannot_be_is_refused(tmp_path: Path, query: str) -> None:
    with pytest.raises(SettingError, match="partitions=1 to 64"):
        open_log(f"sqlite://{tmp_path / 'events.sqlite'}?{query}")


def test_each_partition_is_finished_by_itself(divided: EventLog) -> None:
    _, middle, _ = divided.newest()
    divided.commit("a", middle)
    assert [divided.committed("a", number) for number in range(3)] == [start(0), middle, start(2)]
    assert divided.lag("a") == 60 - len(read_partition(divided, 1))
    assert divided.prune(EVER, "a") == len(SENT) - divided.lag("a")


def test_numbers_are_unique_over_all_partitions(divided: EventLog) -> None:
    numbers = divided.append(SENT).result()
    assert len(set(numbers)) == 60
    blocks = {block_position(number) for number in numbers}
    for newest in divided.newest():
        assert max(each.offset for each in blocks if each.partition == newest.partition) == newest.offset


def test_an_append_in_memory_is_one_block_of_each_partition() -> None:
    log = MemoryLog(MemoryStorage(partitions=3))
    assert {block_position(number) for number in log.append(SENT).result()} == set(log.newest())


def test_erasure_reaches_every_partition_up_to_its_own_position(divided: EventLog) -> None:
    gone = SENT[3].student_id
    assert divided.erase(gone, divided.newest(), lambda _: None) == sum(
        one.student_id == gone for one in SENT
    )
    left = [each for number in range(3) for each in read_partition(divided, number)]
    assert sorted(each.at for each in left) == [one.at for one in SENT if one.student_id != gone]


def test_a_log_in_memory_is_opened_by_url_and_refused_where_two_processes_need_it() -> None:
    log = open_log("memory://", shared=False)
    log.append([event(1)]).result()
    assert log.lag("any") == 1
    with pytest.raises(SettingError, match="memory serves one process"):
        open_log("memory://")
