"""Redis as this process reaches it: while it is away nobody waits for it, and the log says so once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import structlog

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.store.redis.address import RedisAddress, check_client, connect, failures

if TYPE_CHECKING:
    from coursepulse.store.redis.address import RedisClient

T = TypeVar("T")

#: Seconds between two attempts to reach it while it is away.
_PAUSE = 1.0

_log = structlog.get_logger(__name__)


class RedisLink:
    """Any thread may ask. A question that fails closes the link, and a thread of its own opens it again.

    :raises SettingError: when the client of Redis is not installed
    """

    def __init__(self, address: RedisAddress) -> None:
        check_client()
        self._address, self._lock = address, threading.Lock()
        self._client: RedisClient | None = None
        self._away_since: float | None = None
        self._closed = threading.Event()

    def ask(self, work: Callable[[RedisClient], T]) -> T | None:
        """What ``work`` returns; None at once while Redis is away, and when it does not answer now."""
        if self._away_since is not None:
            return None
        try:
            return work(self._open())
        except failures() as error:
            self._lose(error)
            return None

    def check(self) -> None:
        """Nothing, when all is well.

        :raises StoreUnavailable: while Redis is away
        """
        if self._away_since is None:
            self.ask(_greet)
        if self._away_since is not None:
            raise StoreUnavailable(
                "Redis does not answer: no answer is shared between servers, limits count requests of each server "
                "by itself, and open pages ask for news every ten seconds."
            )

    def close(self) -> None:
        """Ask no more."""
        self._closed.set()
        if self._client is not None:
            self._client.close()

    def _open(self) -> RedisClient:
        with self._lock:
            if self._client is None:
                self._client = connect(self._address)
            return self._client

    def _lose(self, error: Exception) -> None:
        with self._lock:
            if self._away_since is not None or self._closed.is_set():
                return
            self._away_since = monotonic()
        _log.warning("redis_away", error=str(error))
        threading.Thread(target=self._come_back, name="redis", daemon=True).start()

    def _come_back(self) -> None:
        while not self._closed.wait(_PAUSE):
            try:
                _look_around(self._open())
            except failures():
                continue
            with self._lock:
                seconds = monotonic() - (self._away_since or 0)
                self._away_since = None
            _log.info("redis_back", seconds=round(seconds, 1))
            return


def _greet(client: RedisClient) -> None:
    client.ping()


def _look_around(client: RedisClient) -> None:
    """Reach every node that has a part of the keys.

    :raises RedisError: when one of them does not answer
    """
    from redis.cluster import RedisCluster  # noqa: PLC0415

    if isinstance(client, RedisCluster):
        # Replicas may have taken over.
        client.nodes_manager.initialize()
        client.ping(target_nodes=RedisCluster.PRIMARIES)
    else:
        client.ping()
