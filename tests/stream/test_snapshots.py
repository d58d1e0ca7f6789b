"""Saved states: whole or not at all, and nobody in them who has been erased."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursepulse.kit.clock import MINUTE
from coursepulse.log.positions import Position, start
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.snapshots import Snapshot, SnapshotFile
from tests.stream.runners.sinks import Table
from tests.stream.runners.stuck import Stuck
from tests.stream.runners.test_contract import NOON, event

MANY = {f"{n:016}".encode(): bytes(40) for n in range(12_345)}
SAVED = Snapshot(Position(0, 7), NOON, {"stuck": 1, "other": 3}, {"stuck": MANY, "other": {b"k": b"v"}})


@pytest.fixture
def file(tmp_path: Path) -> SnapshotFile:
    return SnapshotFile(tmp_path / "states", pause=0)


def save(file: SnapshotFile, snapshot: Snapshot = SAVED) -> None:
    file.write(snapshot)
    file.close()


def test_what_was_saved_is_read_again(file: SnapshotFile, tmp_path: Path) -> None:
    assert file.read(SAVED.versions) is None
    save(file)
    assert file.read(SAVED.versions) == SAVED
    assert [each.name for each in tmp_path.iterdir()] == ["states"]


@pytest.mark.parametrize(
    "versions", [{"stuck": 2, "other": 3}, {"stuck": 1}, {"stuck": 1, "other": 3, "new": 1}]
)
def test_another_release_reads_the_log_again(file: SnapshotFile, versions: dict[str, int]) -> None:
    save(file)
    assert file.read(versions) is None


def test_a_file_that_is_cut_off_or_changed_anywhere_is_not_used(file: SnapshotFile, tmp_path: Path) -> None:
    save(file, SAVED._replace(states={"stuck": {b"0123456789abcdef": b"state"}, "other": {}}))
    path = tmp_path / "states"
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert file.read(SAVED.versions) is None
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert file.read(SAVED.versions) is None
    path.write_bytes(whole + b"x")
    assert file.read(SAVED.versions) is None


def test_a_disk_that_is_full_costs_the_snapshot_only(file: SnapshotFile, tmp_path: Path) -> None:
    (tmp_path / "states.new").mkdir()
    save(file)
    assert file.read(SAVED.versions) is None


def test_an_erased_student_is_in_no_file(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path / "states", pause=0)
    runner = EmbeddedRunner([Stuck()], [Table()], file=file)
    runner.process([event(n, "quiz_answer", NOON, n, correct=False, question_id="q") for n in (1, 2)])
    runner.save(Position(0, 1), last=True)
    assert (1).to_bytes(16) in (tmp_path / "states").read_bytes()
    assert runner.forget((1).to_bytes(16)) == 1
    assert not list(tmp_path.iterdir())
    runner.save(Position(0, 2), last=True)
    kept = (tmp_path / "states").read_bytes()
    assert (1).to_bytes(16) not in kept
    assert (2).to_bytes(16) in kept


def test_an_erasure_removes_what_a_crash_has_left_half_written(file: SnapshotFile, tmp_path: Path) -> None:
    save(file)
    (tmp_path / "states.new").write_bytes(b"half of it, with somebody in it")
    file.forget()
    assert not list(tmp_path.iterdir())


def test_after_an_erasure_the_others_are_saved_at_the_next_quiet_moment(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path / "states", pause=3600)
    runner = EmbeddedRunner([Stuck()], [Table()], file=file)
    runner.process([event(n, "quiz_answer", NOON, n, correct=False, question_id="q") for n in (1, 2)])
    runner.save(Position(0, 5))
    runner.forget((1).to_bytes(16))
    runner.tick(NOON + MINUTE)
    file.close()
    kept = (tmp_path / "states").read_bytes()
    assert (1).to_bytes(16) not in kept
    assert (2).to_bytes(16) in kept
    assert EmbeddedRunner([Stuck()], [Table()], file=file).restore(0) == Position(0, 5)


def test_a_restart_right_after_an_erasure_begins_at_the_start_of_the_log(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path / "states", pause=0)
    runner = EmbeddedRunner([Stuck()], [Table()], file=file)
    runner.process([event(1, "quiz_answer", NOON, correct=False, question_id="q")])
    runner.save(Position(0, 1), last=True)
    assert EmbeddedRunner([Stuck()], [Table()], file=file).restore(0) == Position(0, 1)
    runner.forget((9).to_bytes(16))
    assert EmbeddedRunner([Stuck()], [Table()], file=file).restore(0) == start(0)


def test_nothing_is_written_while_nothing_changes(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path / "states", pause=0)
    runner = EmbeddedRunner([Stuck()], [Table()], file=file)
    runner.process([event(1, "quiz_answer", NOON, correct=False, question_id="q")])
    runner.save(Position(0, 1))
    file.close()
    (tmp_path / "states").unlink()
    runner.tick(NOON + MINUTE)
    runner.save(Position(0, 1))
    file.close()
    assert not list(tmp_path.iterdir())


def test_snapshots_keep_their_distance(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path / "states", pause=3600)
    runner = EmbeddedRunner([Stuck()], [Table()], file=file)
    runner.process([event(1, "quiz_answer", NOON + MINUTE, correct=False, question_id="q")])
    runner.save(Position(0, 1))
    assert not list(tmp_path.iterdir())
    runner.save(Position(0, 1), last=True)
    assert list(tmp_path.iterdir())
