"""The progress of an import, so that the next one continues from there.

Ids are the same each time, so sending twice is harmless: this only saves time.
"""

from __future__ import annotations

from pathlib import Path

import msgspec


class State:
    """The number of events of one set of files that the server has made durable, in a small file."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._path = folder / f"{fingerprint}.json"

    def load(self) -> int:
        """Events acknowledged by an earlier run that did not finish; 0 when there was none."""
        try:
            return max(0, msgspec.json.decode(self._path.read_bytes(), type=int))
        except (OSError, msgspec.DecodeError):
            return 0

    def save(self, acknowledged: int) -> None:
        """Saves a number; a crash leaves the old one or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(acknowledged))
        draft.replace(self._path)

    def forget(self) -> None:
        """Marks the import as finished: the next one starts from the beginning."""
        self._path.unlink(missing_ok=True)
