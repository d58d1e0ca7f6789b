"""What only the SQLite log can show: processes that die, disks that fill, files that are torn."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from coursepulse.events.event import Event
from coursepulse.kit.errors import LogFull, SettingError
from coursepulse.log import open_log, sqlite
from coursepulse.log.port import EventLog
from coursepulse.log.positions import Position, block_position
from coursepulse.log.sqlite import SqliteLog, merge
from tests.log.samples import event, events
from tests.log.test_contract import EVER, newest, read_all

ROOT = Path(__file__).parent.parent.parent


def start_appender(path: Path, start: int, stop: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.log.appender", f"sqlite://{path}", str(start), str(stop)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def numbers(path: Path) -> list[int]:
    log = SqliteLog(path)
    try:
        return [each.at for each in read_all(log)]
    finally:
        log.close()


def test_several_processes_make_and_fill_one_log(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    processes = [start_appender(path, start, start + 100) for start in range(0, 400, 100)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert sorted(numbers(path)) == [*range(400)]


@pytest.mark.parametrize("acknowledged", [1, 20, 77])
def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "events.sqlite"
    process = start_appender(path, 0, 1_000_000)
    assert process.stdout is not None
    seen = [int(process.stdout.readline()) for _ in range(acknowledged)]
    process.send_signal(signal.SIGKILL)
    seen += [int(line) for line in process.communicate()[0].split("\n")[:-1]]
    assert numbers(path)[: len(seen)] == seen


@pytest.fixture
def small_log(tmp_path: Path) -> Iterator[SqliteLog]:
    """A log on a disk of 400 KiB."""
    log = SqliteLog(tmp_path / "events.sqlite", max_pages=100)
    yield log
    log.close()


def incompressible(number: int, count: int = 500) -> list[Event]:
    noise = random.Random(number)
    return [
        Event(noise.randbytes(16), "lesson_start", number, noise.randbytes(16), noise.randbytes(16))
        for _ in range(count)
    ]


def fill(log: EventLog) -> int:
    for number in range(1000):
        try:
            log.append(incompressible(number)).result()
        except LogFull:
            return number
    raise AssertionError("the disk never filled up")


def test_a_full_disk_acknowledges_nothing_and_keeps_what_it_has(small_log: SqliteLog) -> None:
    taken = fill(small_log)
    for _ in range(3):
        with pytest.raises(LogFull, match="full"):
            small_log.append(incompressible(5000)).result()
    assert sorted({each.at for each in read_all(small_log)}) == list(range(taken))
    assert small_log.lag("any") == taken * 500


def test_a_full_disk_is_overcome_without_a_restart(small_log: SqliteLog) -> None:
    fill(small_log)
    small_log.commit("pipeline", newest(small_log))
    assert small_log.prune(EVER, "pipeline") > 0
    small_log.append(incompressible(7000)).result()
    assert {each.at for each in read_all(small_log)} == {7000}


def test_one_group_commit_that_fails_fails_for_all_who_share_it(small_log: SqliteLog) -> None:
    fill(small_log)
    futures = [small_log.append(incompressible(n)) for n in range(20)]
    assert all(isinstance(future.exception(), LogFull) for future in futures)


def test_a_group_of_several_blocks_that_fails_leaves_nothing_behind(small_log: SqliteLog) -> None:
    futures = [small_log.append(incompressible(n, 6000)) for n in range(12)]
    assert {type(future.exception()) for future in futures} >= {LogFull}
    small_log.commit("pipeline", Position(0, 1 << 42))
    small_log.prune(EVER, "pipeline")
    small_log.append(incompressible(99)).result()
    assert {each.at for each in read_all(small_log)} == {99}


def test_a_torn_end_of_the_journal_costs_only_what_was_torn(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    log = SqliteLog(path)
    for number in range(10):
        log.append([event(number)]).result()
    torn = tmp_path / "torn"
    shutil.copytree(tmp_path, torn, ignore=shutil.ignore_patterns("torn", "*-shm"))
    log.close()
    journal = torn / "events.sqlite-wal"
    with journal.open("r+b") as file:
        file.truncate(journal.stat().st_size - 100)
    found = numbers(torn / "events.sqlite")
    assert found == list(range(9))


def test_positions_are_never_used_again_when_the_file_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    log = SqliteLog(path)
    [before] = log.append([event(1)]).result()
    log.close()
    path.unlink()
    log = SqliteLog(path)
    [again] = log.append([event(1)]).result()
    assert again > before
    log.close()


def test_neighbouring_appends_share_a_block() -> None:
    appends = [events(0, 6000), events(6000, 10_000), events(10_000, 10_001)]
    assert merge(appends) == [[appends[0], appends[1]], [appends[2]]]


def test_position_of_an_event_names_its_block(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "events.sqlite")
    numbers = log.append(events(0, 5)).result()
    assert {block_position(number) for number in numbers} == {newest(log)}
    log.close()


@pytest.mark.parametrize("url", ["kafka://broker", "sqlite://relative", "sqlite://", "nonsense"])
def test_a_url_that_names_no_log_is_explained(url: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_LOG"):
        open_log(url)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match=r"file/events\.sqlite cannot be used"):
        open_log(f"sqlite://{tmp_path}/file/events.sqlite")


def test_erasure_rewrites_blocks_and_leaves_nothing_of_the_student_on_disk(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path / "events.sqlite")
    student, other = b"the-student-1234", b"another-one-1234"
    mine = msgspec.structs.replace(event(1), student_id=student)
    log.append([mine, event(2)]).result()
    changed = msgspec.structs.replace(mine, student_id=other)
    assert log.erase(student, log.newest(), lambda _: changed) == 1
    assert read_all(log) == [changed, event(2)]
    for file in tmp_path.iterdir():
        assert student not in file.read_bytes()
    log.close()


def test_who_waits_looks_into_the_log_only_when_its_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, looks = tmp_path / "events.sqlite", list[int]()
    log = SqliteLog(path)
    log.append([event(0)]).result()
    [position] = log.newest()
    newest = log._newest

    def look() -> int:
        looks.append(1)
        return newest()

    monkeypatch.setattr(log, "_newest", look)
    time.sleep(sqlite._SETTLES + 0.1)
    assert not log.wait(position, 0.5)
    assert len(looks) == 1
    other = SqliteLog(path)
    writer = threading.Timer(0.2, lambda: other.append([event(1)]).result())
    writer.start()
    assert log.wait(position, 10)
    writer.join()
    other.close()
    log.close()
