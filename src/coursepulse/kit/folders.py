"""One clear error line when a folder that an operator chose cannot be used."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coursepulse.kit.errors import SettingError


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """A block that makes or opens files in ``folder``.

    :raises SettingError: instead of an ``OSError``; names the folder and what to do
    """
    try:
        yield
    except OSError as error:
        # mkdir says "File exists" if the path is a file.
        why = "Not a directory" if isinstance(error, FileExistsError) else error.strerror
        raise SettingError(
            f"{folder} cannot be used: {why}. Run the command as the user who owns it, "
            "or choose another directory with --data (COURSEPULSE_DATA)."
        ) from None


#: Permissions to read or change, and the same with permission to enter.
_OTHERS_USE, _OTHERS = 0o066, 0o077


def keep_private(folder: Path) -> None:
    """Remove all permissions of other users from a folder made by an earlier version or by hand.

    When run as root, the permission to enter may stay: PostgreSQL then runs as another user. A folder of another
    owner is left as it
    is; the doctor says so.
    """
    mode = folder.stat().st_mode
    with suppress(PermissionError):
        if mode & _OTHERS_USE:
            for path in find_open(folder):
                path.chmod(path.stat().st_mode & ~_OTHERS)
        elif mode & _OTHERS and os.geteuid() != 0:
            folder.chmod(mode & ~_OTHERS)


def find_open(folder: Path) -> Iterator[Path]:
    """The folder and everything in it that other users have permissions on."""
    for place, folders, files in os.walk(folder):
        for name in ("", *folders, *files):
            path = Path(place, name)
            with suppress(FileNotFoundError):
                mode = path.lstat().st_mode
                if mode & _OTHERS and (stat.S_ISREG(mode) or (stat.S_ISDIR(mode) and not name)):
                    yield path
