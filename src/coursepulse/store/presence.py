"""The one server of a data directory, and how other commands find it."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

import msgspec

from coursepulse.kit.errors import SettingError
from coursepulse.kit.folders import keep_private, usable


class Address(msgspec.Struct, frozen=True):
    """The address of a running server."""

    url: str
    pid: int


def is_installed(data: Path) -> bool:
    """Whether a data directory has ever been served or migrated, as far as this user may read it."""
    return any(_may_be_there(data / name) for name in ("server.lock", "keys.json"))


def _may_be_there(path: Path) -> bool:
    try:
        path.stat()
    except PermissionError:
        return True  # the next step gives a better error
    except OSError:
        return False
    return True


class Presence:
    """Locks a data directory for this process; the lock ends with the process, however that ends."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock: IO[str] | None = None

    def claim(self) -> None:
        """Become the server of the directory.

        :raises SettingError: when another process already is, or the directory cannot be written
        """
        with usable(self._data):
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
            keep_private(self._data)
            lock = (self._data / "server.lock").open("a")
        if not _seize(lock):
            lock.close()
            there = find(self._data)
            where = f" at {there.url} (process {there.pid})" if there else ""
            raise SettingError(
                f"coursepulse is already running on {self._data}{where}. Stop it, or choose another COURSEPULSE_DATA."
            )
        self._lock = lock

    def announce(self, url: str) -> None:
        """Publish this server's address."""
        path = self._data / "server.json"
        draft = path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(Address(url, os.getpid())))
        draft.replace(path)

    def leave(self) -> None:
        """Let another process serve the directory."""
        if self._lock is not None:
            (self._data / "server.json").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None


def find(data: Path) -> Address | None:
    """The running server of a data directory, or None."""
    try:
        there = msgspec.json.decode((data / "server.json").read_bytes(), type=Address)
    except (OSError, msgspec.DecodeError):
        return None
    return there if _is_held(data / "server.lock") else None


def _seize(lock: IO[str]) -> bool:
    for _ in range(20):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)  # a command may just be reading the address
        else:
            return True
    return False


def _is_held(lock: Path) -> bool:
    try:
        # For reading: the command may run as another user than the server.
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
