"""What imports have to know of each other, in a small file beside the data.

It names nobody: learners, assessments and attempts stand in it as hashes.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from coursepulse.formats.moodle import Site
from coursepulse.formats.moodle.site import Modules
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


class _KeptOfMoodle(msgspec.Struct):
    attempts: Marks = msgspec.field(default_factory=dict)
    modules: Modules = msgspec.field(default_factory=dict)


class MoodleNotes:
    """What imports from Moodle before have met: the numbers of attempts, and the modules of activities.

    :param folder: where the file is; without one each import stands alone
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "moodle.json" if folder else None

    def load(self) -> Site:
        """A site of which as much is known as was kept."""
        kept = _KeptOfMoodle()
        if self._path and self._path.exists():
            kept = msgspec.json.decode(self._path.read_bytes(), type=_KeptOfMoodle)
        return Site(kept.attempts, kept.modules)

    def save(self, site: Site) -> None:
        """Keeps what was noted; a crash leaves the old file or the new one."""
        if self._path:
            _write(self._path, _KeptOfMoodle(site.marks, site.known))


def _write(path: Path, kept: _Kept | _KeptOfMoodle) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(kept))
    draft.replace(path)
