"""Limits of requests over all servers: a token bucket for each name, in Redis."""

from __future__ import annotations

import math
import threading
from collections import Counter
from hashlib import blake2b
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from coursepulse.store.redis.link import RedisLink

if TYPE_CHECKING:
    from coursepulse.store.redis.address import RedisClient

#: Takes tokens and says how many milliseconds to wait for the next. A minute's worth may come at once, then they refill
#: evenly by the clock of Redis. What several servers took at the same moment beyond that is owed, a minute's worth at
#: most. A bucket that is full again is as good as none.
_TAKE = """
local most, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local since = tonumber(kept[2]) or now
local tokens = (tonumber(kept[1]) or most) + math.max(0, now - since) * most / 60000
tokens = math.max(-most, math.min(most, tokens) - wanted)
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.3f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((most - tokens) * 60000 / most) + 1)
return math.ceil(math.max(0, 1 - tokens) * 60000 / most)
"""

_PREFIX = "coursepulse:limit:"

#: Requests that may wait to be counted; beyond this Redis does not keep up, and each server's own limit has to do.
_WAITING = 10_000

#: Names of which is remembered how long they have to wait.
_REMEMBERED = 100_000


class _Request(NamedTuple):
    name: str
    per_minute: int


class RedisBuckets:
    """A :class:`~coursepulse.collect.rate.SharedBuckets`.

    Requests never wait for Redis: they are counted there right afterwards, by a thread, many at a time. So each server
    may let one request through before it hears that the bucket is empty, and that one is owed.

    :param secret: names of buckets may be network addresses, which are not kept in the clear
    """

    def __init__(self, link: RedisLink, secret: bytes) -> None:
        self._link, self._secret = link, secret
        self._due: SimpleQueue[_Request | None] = SimpleQueue()
        self._until: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="limits", daemon=True)
        self._thread.start()

    def wait(self, name: str) -> int:
        until = self._until.get(name)
        return 0 if until is None else max(0, math.ceil(until - monotonic()))

    def note(self, name: str, per_minute: int) -> None:
        if self._due.qsize() < _WAITING:
            self._due.put(_Request(name, per_minute))

    def close(self) -> None:
        """Count what is waiting, then end."""
        self._due.put(None)
        self._thread.join()

    def _run(self) -> None:
        while requests := self._take():
            counted = Counter(each for each in requests if each)
            waits = self._link.ask(lambda client, counted=counted: self._count(client, counted))  # type: ignore[misc]
            self._remember(counted, waits or [])
            if None in requests:
                return

    def _take(self) -> list[_Request | None]:
        """What has come in by now, and at least one."""
        requests = [self._due.get()]
        while not self._due.empty():
            requests.append(self._due.get())
        return requests

    def _count(self, client: RedisClient, counted: Counter[_Request]) -> list[int]:
        pipeline = client.pipeline(transaction=False)
        for each, times in counted.items():
            pipeline.execute_command("EVAL", _TAKE, 1, self._key(each.name), each.per_minute, times)
        return pipeline.execute()

    def _key(self, name: str) -> str:
        return (
            _PREFIX + blake2b(name.encode("utf-8", "surrogatepass"), key=self._secret[:64]).hexdigest()[:32]
        )

    def _remember(self, counted: Counter[_Request], waits: list[int]) -> None:
        now = monotonic()
        if len(self._until) > _REMEMBERED:
            self._until = {name: until for name, until in self._until.items() if until > now}
        for each, wait in zip(counted, waits, strict=False):
            if wait:
                self._until[each.name] = now + wait / 1000
            else:
                self._until.pop(each.name, None)
