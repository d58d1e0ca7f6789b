"""One owner per folder: an advisory lock that the kernel releases when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from coursepulse.kit.errors import SettingError
from coursepulse.kit.folders import usable


class FolderLock:
    """An exclusive claim on a folder, held from construction until :meth:`release` or the process's end.

    ``flock`` rather than a pid file: nothing stale can be left behind by ``kill -9``.

    :raises SettingError: naming the folder, and the process that holds it or why it cannot be written
    """

    def __init__(self, folder: Path, what: str) -> None:
        with usable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(folder / "coursepulse.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._fd, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._fd)
            raise SettingError(
                f"{what} in {folder} is in use by a running coursepulse (process {holder}): "
                "stop that one, or ask it over HTTP."
            ) from None
        os.truncate(self._fd, 0)
        os.write(self._fd, b"%d\n" % os.getpid())

    def release(self) -> None:
        """Release the folder. Further calls do nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
