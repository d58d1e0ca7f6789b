"""The durable event log. An event is acknowledged when it is in here; everything else is a function of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.log.memory import MemoryLog
from coursepulse.log.partitioned import PartitionedLog
from coursepulse.log.port import EventLog, EventSink
from coursepulse.log.positions import MOST_PARTITIONS
from coursepulse.log.spool import SpooledLog
from coursepulse.log.sqlite import SqliteLog

if TYPE_CHECKING:
    from coursepulse.log.kafka.log import KafkaLog

_IN_MEMORY = "memory://"


def open_log(url: str, *, settings: Settings | None = None, shared: bool = True) -> EventLog:
    """The log at ``sqlite:///path/to/file`` or ``kafka://host:port/topic``, made if it is not there; or a new one at
    ``memory://``.

    ``?partitions=4`` behind the path makes it four files, which several workers share.

    :param settings: what else is to be known about Kafka; the defaults unless given
    :param shared: other processes must see it, as the server and its ingest worker do
    :raises SettingError: when the URL names no such log, or nothing can be written there
    """
    if url == _IN_MEMORY and not shared:
        return MemoryLog()
    if url.startswith("kafka:"):
        return _open_kafka(url, settings or Settings())
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or not parts.path:
        raise SettingError(
            f"COURSEPULSE_LOG is {url!r}; it must look like sqlite:////var/lib/coursepulse/log.sqlite "
            "or kafka://broker:9092/events."
            + (" A log in memory serves one process, and the server has two." if url == _IN_MEMORY else "")
        )
    partitions = _count_partitions(url, parts.query)
    path = Path(parts.path)
    if partitions == 1:
        return SqliteLog(path)
    files = [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(partitions)]
    return PartitionedLog([SqliteLog(file) for file in files])


def _count_partitions(url: str, query: str) -> int:
    chosen = dict(parse_qsl(query))
    wanted = chosen.pop("partitions", "1")
    if chosen or not wanted.isdecimal() or not 0 < int(wanted) <= MOST_PARTITIONS:
        raise SettingError(f"COURSEPULSE_LOG is {url!r}; it may end with ?partitions=1 to {MOST_PARTITIONS}.")
    return int(wanted)


def open_sink(settings: Settings) -> EventSink:
    """The log as a collector needs it. Brokers may be away, so a spool on this disk stands before theirs.

    :raises SettingError: as :func:`open_log`, but never because no broker answers
    """
    url = settings.log_url
    if not url.startswith("kafka:") or not settings.spool_mb:
        return open_log(url, settings=settings)
    spool = settings.data / "log" / "spool.sqlite"
    return SpooledLog(lambda: _open_kafka(url, settings), spool, settings.spool_mb)


def _open_kafka(url: str, settings: Settings) -> KafkaLog:
    try:
        from coursepulse.log.kafka.log import KafkaLog  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingError(
            "COURSEPULSE_LOG with kafka:// needs: pip install 'coursepulse[cluster]'."
        ) from None
    return KafkaLog(url, settings)
