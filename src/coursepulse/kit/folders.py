"""What the disk refuses about a folder that an operator chose, in one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
