"""Reading the settings from where they live: the environment and the file it names."""

from __future__ import annotations

import os
from pathlib import Path

from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import PREFIX, Settings, load


def read_settings(**chosen: object) -> Settings:
    """The settings of this process; ``chosen`` (command-line options that are not None) win.

    :raises SettingError: naming what is wrong
    """
    path = os.environ.get(f"{PREFIX}CONFIG")
    try:
        config = Path(path).read_text() if path else ""
    except OSError as error:
        raise SettingError(f"{PREFIX}CONFIG names {path}, which cannot be read: {error.strerror}.") from None
    given = {name: value for name, value in chosen.items() if value is not None}
    return load(os.environ, config, given)
