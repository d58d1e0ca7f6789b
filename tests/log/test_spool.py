"""Events are taken while the brokers are away, kept on disk, and sent on in order when they are back."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest

from coursepulse.events.event import Event
from coursepulse.kit.errors import LogFull, StoreUnavailable
from coursepulse.log.memory import MemoryLog, MemoryStorage
from coursepulse.log.positions import start
from coursepulse.log.spool import SpooledLog
from coursepulse.log.sqlite import SqliteLog
from tests.log.samples import event, events
from tests.support.server import wait_until

EVER = 1 << 62


class Brokers:
    """A log in memory that can be away: it then answers nothing, and cannot be reached anew."""

    def __init__(self) -> None:
        self._log = MemoryLog(MemoryStorage())
        self.away, self.erased = False, dict[bytes, int]()
        self.given_up = 0

    def connect(self) -> Brokers:
        if self.away:
            raise StoreUnavailable("They are away.")
        return self

    def append(self, events: list[Event]) -> Future[Sequence[int]]:
        return Future() if self.away else self._log.append(events)

    def lag(self, group: str) -> int:
        self.connect()
        return self._log.lag(group)

    def give_up(self) -> None:
        self.given_up += 1

    def without_erased(self, events: list[Event]) -> list[Event]:
        self.connect()
        return [each for each in events if each.received_at > self.erased.get(each.student_id, -1)]

    def close(self) -> None:
        self.away = True

    @property
    def taken(self) -> list[int]:
        """What arrived, by number, in order."""
        return [each.at for block in self._log.read(start(), EVER) for each in block.events]


@pytest.fixture
def brokers() -> Brokers:
    return Brokers()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log" / "spool.sqlite"


@pytest.fixture
def log(brokers: Brokers, path: Path) -> Iterator[SpooledLog]:
    log = SpooledLog(brokers.connect, path, 1, patience=0.2)
    yield log
    log.close()


def test_usually_events_go_straight_to_the_brokers(log: SpooledLog, brokers: Brokers, path: Path) -> None:
    for number in range(20):
        log.append([event(number)]).result(5)
        assert brokers.taken[-1] == number
    spool = SqliteLog(path)
    assert spool.newest() == ()
    spool.close()
    assert brokers.given_up == 0


def test_an_append_that_nobody_answers_is_acknowledged_from_the_spool(
    log: SpooledLog, brokers: Brokers
) -> None:
    log.append([event(0)]).result(5)
    brokers.away = True
    for done in [log.append([event(number)]) for number in range(1, 50)]:
        done.result(5)
    log.append([event(50)]).result(5)
    assert brokers.taken == [0]
    assert log.lag("any") == 50
    brokers.away = False
    wait_until(lambda: len(brokers.taken) == 51, 10)
    log.append([event(51)]).result(5)
    wait_until(lambda: len(brokers.taken) == 52, 10)
    assert brokers.taken == list(range(52))
    wait_until(lambda: log.lag("any") == 52, 10)


def test_under_load_nothing_is_lost_when_they_go_and_come_back(log: SpooledLog, brokers: Brokers) -> None:
    done = list[Future[Sequence[int]]]()
    for number in range(900):
        brokers.away = 200 <= number < 600
        done.append(log.append([event(number)]))
        time.sleep(0.001)
    for each in done:
        each.result(10)
    wait_until(lambda: set(brokers.taken) == set(range(900)), 10)
    first = list(dict.fromkeys(brokers.taken))
    assert first == sorted(first)


def is_taken(log: SpooledLog, number: int) -> bool:
    """Whether an event of 20 KB that nothing can compress is acknowledged."""
    noise = random.Random(number).randbytes(20_000)
    try:
        log.append([msgspec.structs.replace(event(number), payload=noise)]).result(10)
    except LogFull:
        return False
    return True


def test_a_full_spool_refuses_and_goes_on_when_it_has_been_emptied(log: SpooledLog, brokers: Brokers) -> None:
    brokers.away = True
    taken = [number for number in range(100) if is_taken(log, number)]
    assert 10 < len(taken) < 100
    brokers.away = False
    wait_until(lambda: brokers.taken == taken, 20)
    log.append([event(5000)]).result(5)
    wait_until(lambda: brokers.taken == [*taken, 5000], 10)


def test_what_a_process_left_in_the_spool_goes_first(brokers: Brokers, path: Path) -> None:
    brokers.away = True
    log = SpooledLog(brokers.connect, path, 1, patience=0.1)
    log.append(events(0, 10)).result(5)
    log.close()
    brokers.away = False
    log = SpooledLog(brokers.connect, path, 1, patience=5)
    log.append([event(10)]).result(5)
    wait_until(lambda: len(brokers.taken) == 11, 10)
    assert brokers.taken == list(range(11))
    log.close()


def test_what_is_spooled_of_a_student_who_was_erased_meanwhile_is_left_out(
    log: SpooledLog, brokers: Brokers, path: Path
) -> None:
    brokers.away = True
    student = b"the-student-1234"
    mine = [
        msgspec.structs.replace(event(number), student_id=student, received_at=number) for number in (1, 2, 3)
    ]
    log.append([mine[0], event(7), mine[1]]).result(5)
    log.append([mine[2]]).result(5)
    brokers.erased[student] = 2
    brokers.away = False
    wait_until(lambda: len(brokers.taken) == 2, 10)
    assert brokers.taken == [7, 3]
    wait_until(lambda: not any(student in file.read_bytes() for file in path.parent.iterdir()), 10)


@pytest.mark.parametrize("count", [0, 10_001])
def test_no_events_and_too_many_are_refused(log: SpooledLog, count: int) -> None:
    with pytest.raises(ValueError, match="append 1 to 10000"):
        log.append(events(0, count))


def test_a_closed_log_takes_nothing(log: SpooledLog) -> None:
    log.close()
    with pytest.raises(LogFull):
        log.append([event(1)])
