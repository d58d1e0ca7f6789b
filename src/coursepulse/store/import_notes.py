"""What an import must know about earlier ones, in small files beside the data.

Learners appear under their pseudonyms, with everything that was kept about their attempts below; an erasure removes
that. Other ids that could identify a person are kept as keyed hashes.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from coursepulse.formats.marks import Marks, Numbers
from coursepulse.formats.moodle.site import Modules, Site
from coursepulse.formats.xapi_memory import Memory
from coursepulse.privacy.erasable import DataSubject, Erased, ErasureMode
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.scratch import sweep


class _Statements(msgspec.Struct):
    home: str = ""
    voided: set[str] = msgspec.field(default_factory=set)
    learners: Numbers = msgspec.field(default_factory=dict)


class _Moodle(msgspec.Struct):
    learners: Numbers = msgspec.field(default_factory=dict)
    modules: Modules = msgspec.field(default_factory=dict)


_Kept = TypeVar("_Kept", bound=_Statements | _Moodle)

_FILES: dict[str, type[_Statements] | type[_Moodle]] = {
    "statements.json": _Statements,
    "moodle.json": _Moodle,
}


class ImportNotes:
    """Notes of earlier imports.

    :param folder: where the files are
    """

    def __init__(self, folder: Path, pseudonyms: Pseudonyms) -> None:
        self._statements, self._moodle = (folder / name for name in _FILES)
        self._pseudonyms = pseudonyms

    def load_statements(self, home: str = "") -> Memory:
        """:param home: the home page whose accounts go by name, if given now"""
        kept = _read(self._statements, _Statements)
        return Memory(home or kept.home, kept.voided, self._marks(kept.learners))

    def save_statements(self, memory: Memory) -> None:
        """Keeps what was noted; a crash leaves the old file or the new one."""
        kept = _Statements(memory.home, memory.voided | memory.hidden_voids(), memory.marks.numbers)
        _save(self._statements, kept, memory.marks.before)

    def load_site(self) -> Site:
        """A Moodle site with what was kept about it."""
        kept = _read(self._moodle, _Moodle)
        return Site(self._marks(kept.learners), kept.modules)

    def save_site(self, site: Site) -> None:
        """Keeps what was noted; a crash leaves the old file or the new one."""
        _save(self._moodle, _Moodle(site.marks.numbers, site.known), site.marks.before)

    def _marks(self, numbers: Numbers) -> Marks:
        return Marks(numbers, lambda learner: self._pseudonyms.of(learner).hex(), self._pseudonyms.hide)


class ImportErasure:
    """:class:`coursepulse.privacy.erasable.Erasable` for what imports leave behind.

    :param folder: where they leave it
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:  # noqa: ARG002 - notes serve the next import and are not counted
        note = "numbers of attempts were removed, and what stopped imports had left in temporary files"
        if not self._folder.is_dir():
            return [Erased("import notes", 0, note)]
        sweep(self._folder)
        return [Erased("import notes", sum(_forget(self._folder / name, who) for name in _FILES), note)]


def _forget(path: Path, who: DataSubject) -> int:
    with _claimed(path.parent):
        _draft_of(path).unlink(missing_ok=True)
        if not path.exists():
            return 0
        kept = _read(path, _FILES[path.name])
        found = kept.learners.pop(who.student.hex(), {})
        # Even if nothing was found: this drops fields that are no longer known.
        _write(path, kept)
        return sum(len(attempts) for attempts in found.values())


def _save(path: Path, kept: _Statements | _Moodle, before: frozenset[str]) -> None:
    """:param before: learners in the file when the import began; those who are missing now were erased"""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _claimed(path.parent):
        for gone in before - _read(path, type(kept)).learners.keys():
            kept.learners.pop(gone, None)
        _write(path, kept)


def _read(path: Path, kind: type[_Kept]) -> _Kept:
    return msgspec.json.decode(path.read_bytes(), type=kind) if path.exists() else kind()


def _write(path: Path, kept: _Statements | _Moodle) -> None:
    draft = _draft_of(path)
    draft.write_bytes(msgspec.json.encode(kept))
    draft.replace(path)


def _draft_of(path: Path) -> Path:
    return path.with_suffix(".new")


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Locks the file for reading and writing: an erasure in between would be undone."""
    with (folder / "notes.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
