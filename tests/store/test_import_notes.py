"""What imports remember of each other tells nobody anything, and is gone with a student."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.import_notes import ImportErasure, ImportNotes
from tests.privacy.imported import ATTEMPT, HOME, PLACE, QUIZ, confirmed, write_notes
from tests.store.test_scratch import KILLED

GONE, STAYS = "zz-gone-4711", "stays-1"
SECRET = Pseudonyms(b"a secret of the tests")
WHO = DataSubject(student=SECRET.of(GONE), replacement=b"r" * 16, salt="salt")
#: The files as they were before learners stood in them by their pseudonyms.
OLD = {"attempts": {"8f3c": {"9a1b": 1}}, "modules": {"quiz-4": QUIZ}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_notes(tmp_path / "files", ImportNotes(tmp_path / "imports", SECRET), GONE, STAYS)
    return tmp_path / "imports"


def numbers(folder: Path, student: str) -> list[int]:
    """What the holder of the secret finds: the attempts of a student in Moodle and in statements."""
    notes = ImportNotes(folder, SECRET)
    site, memory = notes.load_site(), notes.load_statements()
    kept = [site.marks.find(student, QUIZ), memory.marks.find(student, PLACE)]
    return [number for each in kept for number in each.values()]


def test_who_knows_the_ids_cannot_confirm_an_attempt(folder: Path) -> None:
    assert numbers(folder, GONE) == [1, 1]
    assert confirmed(folder, GONE) == []


def test_a_voided_statement_is_recognised_and_its_id_not_kept(folder: Path) -> None:
    memory = ImportNotes(folder, SECRET).load_statements()
    assert memory.is_void(f"{GONE}-first")
    assert not memory.is_void(f"{GONE}-1")
    assert GONE.encode() not in (folder / "statements.json").read_bytes()


def test_even_the_holder_of_the_secret_finds_nothing_after_an_erasure(folder: Path) -> None:
    (line,) = ImportErasure(folder).erase(WHO, ErasureMode.ANONYMISE)
    assert (line.store, line.rows) == ("import notes", 2)
    assert (numbers(folder, GONE), numbers(folder, STAYS)) == ([], [1, 1])
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    assert WHO.student.hex().encode() not in everything
    # The ids of attempts are learners' own, too.
    assert SECRET.hide(f"{ATTEMPT}1").encode() not in everything
    assert SECRET.hide(f"{ATTEMPT}2").encode() in everything
    assert ImportErasure(folder).erase(WHO, ErasureMode.DELETE)[0].rows == 0


def test_an_import_that_was_reading_meanwhile_does_not_bring_them_back(folder: Path) -> None:
    notes = ImportNotes(folder, SECRET)
    site, memory = notes.load_site(), notes.load_statements(HOME)
    ImportErasure(folder).erase(WHO, ErasureMode.DELETE)
    notes.save_site(site)
    notes.save_statements(memory)
    assert (numbers(folder, GONE), numbers(folder, STAYS)) == ([], [1, 1])


def test_what_killed_imports_left_goes_too(folder: Path) -> None:
    (folder / "statements.new").write_text(GONE)
    (folder / "moodle.json").write_bytes(msgspec.json.encode(OLD))
    killed = subprocess.run([sys.executable, "-c", KILLED, os.fspath(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert any(path.is_dir() for path in folder.iterdir())
    ImportErasure(folder).erase(WHO, ErasureMode.DELETE)
    assert {path.name for path in folder.iterdir()} == {"moodle.json", "statements.json", "notes.lock"}
    assert msgspec.json.decode((folder / "moodle.json").read_bytes()) == {
        "learners": {},
        "modules": OLD["modules"],
    }


def test_without_imports_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert ImportErasure(tmp_path / "imports").erase(WHO, ErasureMode.DELETE)[0].rows == 0
    assert not (tmp_path / "imports").exists()
