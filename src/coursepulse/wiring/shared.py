"""What servers share through Redis, each by a setting of its own; in memory where they share nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from litestar.channels.backends.base import ChannelsBackend

from coursepulse.collect.rate import SharedBuckets
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.metrics.cache.cache import ResultCache
from coursepulse.metrics.cache.memory import MemoryResults
from coursepulse.metrics.cache.port import ResultStore
from coursepulse.metrics.cache.redis import RedisResults
from coursepulse.store.postgres.result_changes import ResultChanges
from coursepulse.store.redis.address import RedisAddress, check_client, is_redis, parse_address
from coursepulse.store.redis.buckets import RedisBuckets
from coursepulse.store.redis.channels import RedisChannels
from coursepulse.store.redis.link import RedisLink

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components

#: Within this process.
_IN_MEMORY = "memory://"

#: The settings that may name a Redis.
SHARED = ("live", "cache", "limits")


class RedisLinks:
    """One link to each Redis, however many settings name it: an outage is one line in the log."""

    def __init__(self) -> None:
        self._links: dict[RedisAddress, RedisLink] = {}

    def open(self, address: RedisAddress) -> RedisLink:
        """The link to an address."""
        return self._links.setdefault(address, RedisLink(address))

    def check(self) -> None:
        """Nothing, when all is well.

        :raises StoreUnavailable: while one of them is away
        """
        for link in list(self._links.values()):
            link.check()

    def close(self) -> None:
        """Ask no more."""
        for link in self._links.values():
            link.close()


def find_redis(settings: Settings, setting: str) -> RedisAddress | None:
    """The Redis that a setting names; None for ``memory://``.

    :raises SettingError: when it names anything else, or the client of Redis is not installed
    """
    name, url = f"COURSEPULSE_{setting.upper()}", str(getattr(settings, setting))
    if url == _IN_MEMORY:
        return None
    if not is_redis(url):
        raise SettingError(f"{name}: must be memory://, within this process, or the address of a Redis.")
    check_client()
    return parse_address(name, url)


def open_between_servers(settings: Settings) -> Callable[[], ChannelsBackend] | None:
    """Opens what carries changes from server to server; None where open pages are told by this process alone.

    :raises SettingError: see :func:`find_redis`
    """
    address = find_redis(settings, "live")
    return None if address is None else lambda: RedisChannels(address)


def open_results(of: Components) -> ResultCache:
    """The result cache."""
    address, store = find_redis(of.settings, "cache"), None
    if address is not None:
        store = RedisResults(of.redis.open(address))
    kept: ResultStore = store or MemoryResults(of.settings.cache_mb << 20, of.clock)
    return ResultCache(kept, of.read_mark, of.clock, ResultChanges(of.pool))


def open_buckets(of: Components) -> SharedBuckets | None:
    """Where requests of all servers are counted; None where each server counts its own."""
    address = find_redis(of.settings, "limits")
    if address is None:
        return None
    buckets = RedisBuckets(of.redis.open(address), of.secret)
    of.closing.callback(buckets.close)
    return buckets
