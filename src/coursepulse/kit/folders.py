"""What the disk refuses about a folder that an operator chose, in one clear line."""

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

    :raises SettingError: in place of an ``OSError``, naming the folder and what to do
    """
    try:
        yield
    except OSError as error:
        # mkdir says "File exists" where a file stands in the place of the folder.
        why = "Not a directory" if isinstance(error, FileExistsError) else error.strerror
        raise SettingError(
            f"{folder} cannot be used: {why}. Run the command as the user to whom it belongs, "
            "or choose another directory with --data (COURSEPULSE_DATA)."
        ) from None


#: What others could read or change; and with it what they could enter.
_OTHERS_USE, _OTHERS = 0o066, 0o077


def keep_private(folder: Path) -> None:
    """Take every right from others, where a folder was made by an earlier version or by hand.

    Root may leave the right to enter: PostgreSQL runs as somebody else then. A folder of another owner is left as it
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
    """The folder and everything in it to which others have a right."""
    for place, folders, files in os.walk(folder):
        for name in ("", *folders, *files):
            path = Path(place, name)
            with suppress(FileNotFoundError):
                mode = path.lstat().st_mode
                if mode & _OTHERS and (stat.S_ISREG(mode) or (stat.S_ISDIR(mode) and not name)):
                    yield path
