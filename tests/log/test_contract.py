"""The promises of the log's port, kept by every adapter in conftest.py."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait

import pytest

from coursepulse.events.event import Event
from coursepulse.kit.errors import LogFull
from coursepulse.log.port import BLOCK_EVENTS, EventLog, block_position, event_position
from tests.log.conftest import Opener
from tests.log.samples import event, events

EVER = 1 << 62


def read_all(log: EventLog, after: int = 0) -> list[Event]:
    found: list[Event] = []
    while blocks := log.read(after, 1000):
        found += [each for block in blocks for each in block.events]
        after = blocks[-1].position
    return found


def newest(log: EventLog) -> int:
    return log.read(0, EVER)[-1].position


def test_what_was_appended_is_read_back_whole_and_in_order(log: EventLog) -> None:
    log.append(events(0, 3)).result()
    log.append(events(3, 7)).result()
    assert read_all(log) == events(0, 7)


def test_a_new_log_is_empty(log: EventLog) -> None:
    assert log.read(0, 10) == []
    assert log.lag("any") == 0
    assert log.committed("any") == 0
    assert log.wait(0, timeout=0) is False


def test_an_append_answers_with_the_position_of_its_first_event(log: EventLog) -> None:
    positions = [log.append(events(n * 10, n * 10 + 10)) for n in range(20)]
    wait(positions)
    places = {
        event_position(block.position, index): each
        for block in log.read(0, EVER)
        for index, each in enumerate(block.events)
    }
    for n, position in enumerate(positions):
        assert [places[position.result() + i] for i in range(10)] == events(n * 10, n * 10 + 10)


def test_positions_grow_over_restarts(open_again: Opener) -> None:
    first = open_again()
    before = first.append([event(1)]).result()
    first.close()
    assert open_again().append([event(2)]).result() > before


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
    assert len(log.read(0, 1)[0].events) == BLOCK_EVENTS


def test_no_block_is_larger_than_the_largest(log: EventLog) -> None:
    wait([log.append(events(n * 3000, (n + 1) * 3000)) for n in range(12)])
    assert max(len(block.events) for block in log.read(0, EVER)) <= BLOCK_EVENTS
    assert read_all(log) == events(0, 36_000)


def test_read_gives_about_the_limit_but_one_block_at_least(log: EventLog) -> None:
    for n in range(5):
        log.append(events(n * 10, n * 10 + 10)).result()
    assert [len(block.events) for block in log.read(0, 25)] == [10, 10]
    assert [len(block.events) for block in log.read(0, 1)] == [10]


def test_concurrent_appends_lose_and_double_nothing(log: EventLog) -> None:
    done: list[Future[int]] = []

    def append_some(thread: int) -> None:
        done.extend([log.append([event(thread * 1000 + n)]) for n in range(100)])

    threads = [threading.Thread(target=append_some, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    positions = {future.result() for future in done}
    assert len(positions) == 800
    assert sorted(each.at for each in read_all(log)) == sorted(
        t * 1000 + n for t in range(8) for n in range(100)
    )


def test_events_of_one_thread_keep_their_order(log: EventLog) -> None:
    wait([log.append([event(n)]) for n in range(500)])
    assert [each.at for each in read_all(log)] == list(range(500))


def test_wait_returns_as_soon_as_something_is_appended(open_again: Opener) -> None:
    log, other = open_again(), open_again()
    for writer in (log, other):
        after = max((block.position for block in log.read(0, EVER)), default=0)
        threading.Timer(0.2, writer.append, [[event(1)]]).start()
        began = time.monotonic()
        assert log.wait(after, timeout=20)
        assert time.monotonic() - began < 10


def test_wait_gives_up(log: EventLog) -> None:
    log.append([event(1)]).result()
    assert log.wait(newest(log), timeout=0.1) is False
    assert log.wait(newest(log) - 1, timeout=0) is True


def test_lag_counts_what_a_group_has_not_finished(log: EventLog) -> None:
    for n in range(3):
        log.append(events(n * 10, n * 10 + 10)).result()
    first, second, _ = log.read(0, EVER)
    assert log.lag("a") == 30
    log.commit("a", first.position)
    assert log.lag("a") == 20
    log.commit("a", second.position)
    assert (log.lag("a"), log.lag("b")) == (10, 30)


def test_a_commit_survives_and_never_goes_back(open_again: Opener) -> None:
    log = open_again()
    log.append([event(1)]).result()
    log.append([event(2)]).result()
    first, second = log.read(0, EVER)
    log.commit("a", second.position)
    log.commit("a", first.position)
    assert open_again().committed("a") == second.position
    assert log.lag("a") == 0


def test_prune_drops_only_what_is_old_and_finished(log: EventLog) -> None:
    for n in range(3):
        log.append(events(n * 10, n * 10 + 10)).result()
    positions = [block.position for block in log.read(0, EVER)]
    log.commit("a", positions[1])
    assert log.prune(0, "a") == 0
    assert log.prune(EVER, "nobody") == 0
    assert log.prune(EVER, "a") == 20
    assert read_all(log) == events(20, 30)
    assert log.lag("a") == 10


def test_lag_and_positions_go_on_after_everything_was_pruned(log: EventLog) -> None:
    last = log.append(events(0, 10)).result()
    log.commit("a", block_position(last))
    assert log.prune(EVER, "a") == 10
    assert (log.lag("a"), log.lag("newcomer")) == (0, 0)
    assert log.append(events(10, 15)).result() > last
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
