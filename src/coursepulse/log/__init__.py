"""The durable event log. An event is acknowledged when it is in here; everything else is a function of it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from coursepulse.kit.errors import SettingError
from coursepulse.log.memory import MemoryLog
from coursepulse.log.port import EventLog
from coursepulse.log.sqlite import SqliteLog

_IN_MEMORY = "memory://"


def open_log(url: str, *, shared: bool = True) -> EventLog:
    """The log at ``sqlite:///path/to/file``, made if it is not there; or a new one at ``memory://``.

    :param shared: other processes must see it, as the server and its ingest worker do
    :raises SettingError: when the URL names no such log, or nothing can be written there
    """
    if url == _IN_MEMORY and not shared:
        return MemoryLog()
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or not parts.path:
        raise SettingError(
            f"COURSEPULSE_LOG is {url!r}; it must look like sqlite:////var/lib/coursepulse/log.sqlite."
            + (" A log in memory serves one process, and the server has two." if url == _IN_MEMORY else "")
        )
    return SqliteLog(Path(parts.path))
