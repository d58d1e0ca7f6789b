"""The promises of the log's port, kept by every adapter in conftest.py."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait

import msgspec
import pytest
import zstandard

from coursepulse.events.event import Event
from coursepulse.kit.errors import LogFull
from coursepulse.kit.ids import NIL
from coursepulse.log.blocks import pack_block
from coursepulse.log.port import BLOCK_EVENTS, NO_EVENT, EventLog
from coursepulse.log.positions import Position, block_position, event_position, start
from tests.log.conftest import Disk, Opener
from tests.log.samples import event, events

EVER = 1 << 62


def read_all(log: EventLog) -> list[Event]:
    found: list[Event] = []
    after = start()
    while blocks := log.read(after, 1000):
        found += [each for block in blocks for each in block.events]
        after = blocks[-1].position
    return found


def newest(log: EventLog) -> Position:
    return log.read(start(), EVER)[-1].position


def test_what_was_appended_is_read_back_whole_and_in_order(log: EventLog) -> None:
    log.append(events(0, 3)).result()
    log.append(events(3, 7)).result()
    assert read_all(log) == events(0, 7)


def test_a_new_log_is_empty(log: EventLog) -> None:
    assert log.read(start(), 10) == []
    assert log.lag("any") == 0
    assert log.committed("any") == start()
    assert log.wait(start(), timeout=0) is False


def test_an_append_answers_with_the_number_of_each_event(log: EventLog) -> None:
    appended = [log.append(events(n * 10, n * 10 + 10)) for n in range(20)]
    wait(appended)
    places = {
        event_position(block.position, index): each
        for block in log.read(start(), EVER)
        for index, each in enumerate(block.events)
    }
    for n, numbers in enumerate(appended):
        assert [places[number] for number in numbers.result()] == events(n * 10, n * 10 + 10)


def test_positions_grow_over_restarts(open_again: Opener) -> None:
    first = open_again()
    [before] = first.append([event(1)]).result()
    first.close()
    [after] = open_again().append([event(2)]).result()
    assert after > before


def test_an_append_is_there_for_another_handle_once_it_is_done(open_again: Opener) -> None:
    writer, reader = open_again(), open_again()
    writer.append(events(0, 5)).result()
    assert read_all(reader) == events(0, 5)


@pytest.mark.parametrize("count", [0, BLOCK_EVENTS + 1])
def test_no_events_and_too_many_are_refused(log: EventLog, count: int) -> None:
    with pytest.raises(ValueError, match="append 1 to 10000"):
        log.append(events(0, count))


def test_a_full_block_fits(log: EventLog) -> None:
    log.append(events(0, BLOCK_EVENTS)).result()
    assert len(log.read(start(), 1)[0].events) == BLOCK_EVENTS


def test_no_block_is_larger_than_the_largest(log: EventLog) -> None:
    wait([log.append(events(n * 3000, (n + 1) * 3000)) for n in range(12)])
    assert max(len(block.events) for block in log.read(start(), EVER)) <= BLOCK_EVENTS
    assert read_all(log) == events(0, 36_000)


def test_read_gives_about_the_limit_but_one_block_at_least(log: EventLog) -> None:
    for n in range(5):
        log.append(events(n * 10, n * 10 + 10)).result()
    assert [len(block.events) for block in log.read(start(), 25)] == [10, 10]
    assert [len(block.events) for block in log.read(start(), 1)] == [10]


def test_concurrent_appends_lose_and_double_nothing(log: EventLog) -> None:
    done: list[Future[Sequence[int]]] = []

    def append_some(thread: int) -> None:
        done.extend([log.append([event(thread * 1000 + n)]) for n in range(100)])

    threads = [threading.Thread(target=append_some, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = {number for future in done for number in future.result()}
    assert len(numbers) == 800
    assert sorted(each.at for each in read_all(log)) == sorted(
        t * 1000 + n for t in range(8) for n in range(100)
    )


def test_events_of_one_thread_keep_their_order(log: EventLog) -> None:
    wait([log.append([event(n)]) for n in range(500)])
    assert [each.at for each in read_all(log)] == list(range(500))


def test_wait_returns_as_soon_as_something_is_appended(open_again: Opener) -> None:
    log, other = open_again(), open_again()
    for writer in (log, other):
        after = max((block.position for block in log.read(start(), EVER)), default=start())
        threading.Timer(0.2, writer.append, [[event(1)]]).start()
        began = time.monotonic()
        assert log.wait(after, timeout=20)
        assert time.monotonic() - began < 10


def test_wait_gives_up(log: EventLog) -> None:
    log.append([event(0)]).result()
    before = newest(log)
    log.append([event(1)]).result()
    assert log.wait(newest(log), timeout=0.1) is False
    assert log.wait(before, timeout=0) is True


def test_lag_counts_what_a_group_has_not_finished(log: EventLog) -> None:
    for n in range(3):
        log.append(events(n * 10, n * 10 + 10)).result()
    first, second, _ = log.read(start(), EVER)
    assert log.lag("a") == 30
    log.commit("a", first.position)
    assert log.lag("a") == 20
    log.commit("a", second.position)
    assert (log.lag("a"), log.lag("b")) == (10, 30)


def test_a_commit_survives_and_never_goes_back(open_again: Opener) -> None:
    log = open_again()
    log.append([event(1)]).result()
    log.append([event(2)]).result()
    first, second = log.read(start(), EVER)
    log.commit("a", second.position)
    log.commit("a", first.position)
    assert open_again().committed("a") == second.position
    assert log.lag("a") == 0


def test_prune_drops_only_what_is_old_and_finished(log: EventLog) -> None:
    for n in range(3):
        log.append(events(n * 10, n * 10 + 10)).result()
    positions = [block.position for block in log.read(start(), EVER)]
    log.commit("a", positions[1])
    assert log.prune(0, "a") == 0
    assert log.prune(EVER, "nobody") == 0
    assert log.prune(EVER, "a") == 20
    assert read_all(log) == events(20, 30)
    assert log.lag("a") == 10


def test_lag_and_positions_go_on_after_everything_was_pruned(log: EventLog) -> None:
    *_, last = log.append(events(0, 10)).result()
    log.commit("a", block_position(last))
    assert log.prune(EVER, "a") == 10
    assert (log.lag("a"), log.lag("newcomer")) == (0, 0)
    assert log.append(events(10, 15)).result()[0] > last
    assert (log.lag("a"), log.lag("newcomer")) == (5, 5)


def test_close_writes_what_is_waiting(open_again: Opener) -> None:
    log = open_again()
    done = [log.append(events(n * 100, n * 100 + 100)) for n in range(50)]
    log.close()
    assert all(future.done() for future in done)
    assert read_all(open_again()) == events(0, 5000)


def test_a_closed_log_takes_nothing(log: EventLog) -> None:
    log.close()
    with pytest.raises(LogFull):
        log.append([event(1)])


def test_an_append_that_its_owner_gave_up_does_not_stop_the_log(log: EventLog) -> None:
    futures = [log.append([event(n)]) for n in range(200)]
    kept = [future for future in futures if not future.cancel()]
    wait(kept, timeout=30)
    log.append([event(999)]).result(timeout=30)
    found = [each.at for each in read_all(log)]
    assert found == [futures.index(future) for future in kept] + [999]


def test_newest_names_the_last_block(log: EventLog) -> None:
    assert log.newest() == ()
    log.append([event(1)]).result()
    log.append([event(2)]).result()
    assert log.newest() == (newest(log),)


@pytest.mark.parametrize("body", [b"no block", b"", pack_block([])[:-3]])
def test_foreign_bytes_are_set_apart_and_their_neighbours_are_read(disk: Disk, body: bytes) -> None:
    log = disk.open()
    log.append([event(1)]).result()
    disk.put(body)
    log.append([event(2)]).result()
    first, broken, last = log.read(start(), EVER)
    assert (first.events, last.events) == ([event(1)], [event(2)])
    assert (broken.events, dict(broken.broken)) == ([NO_EVENT], {0: body})
    assert log.lag("any") == 3


def test_one_broken_event_of_a_block_is_set_apart(disk: Disk) -> None:
    packed = msgspec.msgpack.encode([event(1), "nonsense", event(2)])
    disk.put(zstandard.compress(packed), 3)
    [block] = disk.open().read(start(), EVER)
    assert block.events == [event(1), NO_EVENT, event(2)]
    assert dict(block.broken) == {1: msgspec.msgpack.encode("nonsense")}


def by(student: int, number: int) -> Event:
    """Students 6 and 9 are in the first partition, of a log with three of them as well."""
    return msgspec.structs.replace(event(number), student_id=student.to_bytes(16, "big"))


def test_erasure_leaves_no_event_of_a_student_and_every_other(log: EventLog) -> None:
    mine, others = [by(6, n) for n in range(3)], [by(9, n) for n in range(3)]
    for one, other in zip(mine, others, strict=True):
        log.append([one, other]).result()
    up_to = log.newest()
    log.append([by(6, 9)]).result()
    assert log.erase(mine[0].student_id, up_to, lambda _: None) == 3
    assert read_all(log) == [*others, by(6, 9)]
    assert log.erase(mine[0].student_id, up_to, lambda _: None) == 0


def test_what_may_stay_of_an_event_never_names_the_student(log: EventLog) -> None:
    log.append([by(6, 1), by(9, 2)]).result()
    log.erase(by(6, 1).student_id, log.newest(), lambda one: msgspec.structs.replace(one, student_id=NIL))
    assert [one for one in read_all(log) if one.student_id != NIL] == [by(9, 2)]


def test_erasure_survives_and_changes_no_count_or_position(open_again: Opener) -> None:
    log = open_again()
    log.append([by(6, 1), by(9, 2)]).result()
    log.append([by(6, 3)]).result()
    before = [block.position for block in log.read(start(), EVER)]
    log.erase(by(6, 1).student_id, log.newest(), lambda _: None)
    again = open_again()
    assert [block.position for block in again.read(start(), EVER)] == before
    assert (again.lag("any"), read_all(again)) == (3, [by(9, 2)])


def test_erasure_takes_unreadable_bytes_that_stand_beside_the_student(disk: Disk) -> None:
    packed = msgspec.msgpack.encode([by(6, 1), ["about", by(6, 1).student_id], by(9, 2)])
    disk.put(zstandard.compress(packed), 3)
    log = disk.open()
    assert log.erase(by(6, 1).student_id, log.newest(), lambda _: None) == 1
    [block] = log.read(start(), EVER)
    assert (block.events, dict(block.broken)) == ([by(9, 2)], {})
