"""The server behind a command: of an installation that is there, or of one that begins with the command."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from coursepulse.cli.environment import read_settings
from coursepulse.client.local_server import Server, found_or_started
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.store.presence import is_installed

T = TypeVar("T")


def with_server(data: Path | None, action: Callable[[Server], T]) -> T:
    """Call ``action`` with the running server of an installation, or with one that is started for it.

    :raises SettingError: when the data directory holds no installation
    """
    with found_or_started(installed(data)) as server:
        return action(server)


def with_first_server(data: Path | None, action: Callable[[Server], T]) -> T:
    """The same for a command that may come before the first ``serve``; it says when an installation begins."""
    settings = read_settings(data=data)
    if not is_installed(settings.data):
        sys.stderr.write(f"coursepulse: a new installation begins in {settings.data.absolute()}\n")
    with found_or_started(settings) as server:
        return action(server)


def installed(data: Path | None) -> Settings:
    """The settings for what is there already: a mistyped directory must not answer for one that holds everything.

    :raises SettingError: when the data directory holds no installation
    """
    settings = read_settings(data=data)
    if not is_installed(settings.data):
        raise SettingError(
            f"No installation found in {settings.data.absolute()}; name its data directory with --data or "
            "COURSEPULSE_DATA, or create one with: coursepulse serve"
        )
    return settings


@contextmanager
def on_trial(settings: Settings) -> Iterator[Settings]:
    """The settings as they are for an installation; for one that is still to come, with a folder that goes afterwards.

    Otherwise whatever looks at a mistyped directory would leave an installation in it, and every command would believe
    it to be the one that holds everything.
    """
    if is_installed(settings.data):
        yield settings
        return
    place = next(each for each in (settings.data, *settings.data.absolute().parents) if each.exists())
    try:
        folder = tempfile.TemporaryDirectory(prefix="coursepulse-", dir=place, ignore_cleanup_errors=True)
    except OSError:
        # Nothing can be left there either.
        yield settings
        return
    sys.stderr.write(
        f"coursepulse: no installation in {settings.data.absolute()} yet; trying in a folder that is removed again\n"
    )
    with folder as name:
        yield msgspec.structs.replace(settings, data=Path(name))
