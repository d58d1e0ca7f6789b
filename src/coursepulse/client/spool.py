"""Batches on disk, in order, while the server cannot be reached."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from coursepulse.kit.errors import SettingError

_SUFFIX = ".ndjson.zst"


class Spool:
    """A directory of ``<number>-<events>.ndjson.zst`` files, oldest first. One client at a time uses it.

    :raises SettingError: when another client uses it
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._lock = (directory / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise SettingError(
                f"Another client uses the spool {directory}; give each client its own."
            ) from None
        for draft in directory.glob("*.new"):
            draft.unlink()  # left by a crash while writing; these events were never acknowledged
        self._files = sorted(directory.glob(f"*{_SUFFIX}"))
        self._next = 1 + max((_number(file) for file in self._files), default=0)

    @property
    def events(self) -> int:
        """Number of waiting events."""
        return sum(int(file.name.removesuffix(_SUFFIX).split("-")[1]) for file in self._files)

    def add(self, batch: bytes, events: int) -> None:
        """Append a batch; it is on disk when this returns.

        :raises OSError: when it cannot be written
        """
        file = self._directory / f"{self._next:012d}-{events}{_SUFFIX}"
        draft = file.with_suffix(".new")
        with draft.open("wb") as output:
            output.write(batch)
            output.flush()
            os.fsync(output.fileno())
        draft.replace(file)
        self._sync()
        self._next += 1
        self._files.append(file)

    def first(self) -> bytes | None:
        """The oldest batch, or None."""
        return self._files[0].read_bytes() if self._files else None

    def drop_first(self) -> None:
        """Delete the oldest batch, which the server now has."""
        self._files.pop(0).unlink()

    def set_aside_first(self) -> Path:
        """Take the oldest batch out of the queue, but keep it with ``.refused`` added to its name."""
        file = self._files.pop(0)
        return file.rename(file.with_name(f"{file.name}.refused"))

    def close(self) -> None:
        """Release the directory."""
        self._lock.close()

    def _sync(self) -> None:
        """Make the new name itself durable (fsync of a file does not cover its directory)."""
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _number(file: Path) -> int:
    return int(file.name.split("-")[0])
