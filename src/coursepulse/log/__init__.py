"""The durable event log. An event is acknowledged when it is in here; everything else is a function of it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from coursepulse.kit.errors import SettingError
from coursepulse.log.port import EventLog
from coursepulse.log.sqlite import SqliteLog


def open_log(url: str) -> EventLog:
    """The log at ``sqlite:///path/to/file``, made when it is not there.

    :raises SettingError: when the URL has another scheme, or nothing can be written there
    """
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or not parts.path:
        raise SettingError(
            f"COURSEPULSE_LOG is {url!r}; it must look like sqlite:////var/lib/coursepulse/log.sqlite."
        )
    return SqliteLog(Path(parts.path))
