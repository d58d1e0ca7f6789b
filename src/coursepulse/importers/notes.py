"""What imports have to know of each other, in a small file beside the data.

It names nobody: learners, assessments and attempts stand in it as hashes.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from coursepulse.formats.xapi_memory import Marks, Memory


class _Kept(msgspec.Struct):
    home: str = ""
    voided: set[str] = msgspec.field(default_factory=set)
    attempts: Marks = msgspec.field(default_factory=dict)


class Notes:
    """The memory of the imports before.

    :param folder: where the file is; without one each import stands alone
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "statements.json" if folder else None

    def load(self, home: str = "") -> Memory:
        """:param home: the home page whose accounts go by name, if somebody says so now"""
        kept = _Kept()
        if self._path and self._path.exists():
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        return Memory(home or kept.home, kept.voided, kept.attempts)

    def save(self, memory: Memory) -> None:
        """Keeps what was noted; a crash leaves the old file or the new one."""
        if not self._path:
            return
        _write(self._path, _Kept(memory.home, memory.voided | memory.taken_back, memory.attempts))


class Tries:
    """The numbers of the attempts that imports from Moodle before have seen.

    :param folder: where the file is; without one each import stands alone
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "moodle.json" if folder else None

    def load(self) -> Marks:
        """What was kept."""
        if not self._path or not self._path.exists():
            return {}
        return msgspec.json.decode(self._path.read_bytes(), type=Marks)

    def save(self, marks: Marks) -> None:
        """Keeps what was noted; a crash leaves the old file or the new one."""
        if self._path and marks:
            _write(self._path, marks)


def _write(path: Path, kept: _Kept | Marks) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(kept))
    draft.replace(path)
