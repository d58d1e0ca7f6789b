"""Cached results in Redis, for all servers together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from coursepulse import __version__
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.cache.packing import pack, unpack
from coursepulse.metrics.cache.port import OLDEST, CachedResult, StoredResults
from coursepulse.store.redis.link import RedisLink

if TYPE_CHECKING:
    from coursepulse.store.redis.address import RedisClient

#: Every key begins so.
_PREFIX = b"coursepulse:result:"

#: Those of this version: another one may make other columns of the same question.
_OWN = _PREFIX + __version__.encode() + b":"

#: Bytes beyond which a result is not kept: to send it back and forth would take longer than to make some of them.
_MOST = 4 << 20

#: Keys that Redis looks at in one step of a walk.
_STEP = 1000


class RedisResults:
    """A :class:`~coursepulse.metrics.cache.port.ResultStore`. While Redis is away there is nothing in it.

    How much memory they take is for Redis to decide, see ``maxmemory``. None is kept for longer than :data:`OLDEST`,
    whatever becomes of the server that put it there.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    def get(self, key: bytes) -> CachedResult | None:
        packed = self._link.ask(lambda client: client.get(_OWN + key))
        return unpack(packed) if isinstance(packed, bytes) else None

    def put(self, key: bytes, result: CachedResult) -> None:
        try:
            packed = pack(result)
        except (TypeError, OverflowError):
            # Made again for each who asks, which is right as well.
            return
        if len(packed) <= _MOST:
            self._link.ask(lambda client: client.set(_OWN + key, packed, px=OLDEST * 1000 // SECOND))

    def clear(self) -> None:
        self._link.ask(_clear)

    def size(self) -> StoredResults:
        return self._link.ask(_measure) or StoredResults(0, 0)


def _walk(client: RedisClient) -> Iterator[bytes]:
    """The key of each result, on every node."""
    yield from client.scan_iter(match=_PREFIX + b"*", count=_STEP)


def _clear(client: RedisClient) -> None:
    for key in _walk(client):
        client.unlink(key)


def _measure(client: RedisClient) -> StoredResults:
    lengths = [client.strlen(key) for key in _walk(client)]
    return StoredResults(len(lengths), sum(lengths))
