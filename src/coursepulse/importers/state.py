"""Remembering how far an import came, so that the next one goes on from there.

Ids are the same each time, so that sending twice does no harm: this only saves time.
"""

from __future__ import annotations

from pathlib import Path

import msgspec


class State:
    """How many events of one set of files the server has made durable, in a small file."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._path = folder / f"{fingerprint}.json"

    def load(self) -> int:
        """Events acknowledged by an earlier run that did not finish; 0 when there was none."""
        try:
            return max(0, msgspec.json.decode(self._path.read_bytes(), type=int))
        except (OSError, msgspec.DecodeError):
            return 0

    def save(self, acknowledged: int) -> None:
        """Remembers a number; a crash leaves the old one or the new one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(acknowledged))
        draft.replace(self._path)

    def forget(self) -> None:
        """The import is finished: the next one starts from the beginning."""
        self._path.unlink(missing_ok=True)
