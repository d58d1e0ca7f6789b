"""The collector. It sees only the log, so it keeps collecting while every database is down."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec

from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import INGEST, Key, KeyRing
from coursepulse.collect.rate import RateLimit, SharedBuckets
from coursepulse.collect.receipt import Receipt
from coursepulse.collect.stats import Report, Stats
from coursepulse.collect.worker import PIPELINE, IngestRequest, IngestWorker
from coursepulse.events.event import Event
from coursepulse.kit.clock import Clock
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.settings import Settings
from coursepulse.log.port import EventLog

_receipt = msgspec.json.Decoder(Receipt)


class Collector:
    """Admits known keys, and passes what they send to an ingest worker.

    :param buckets: counts the requests of keys over all servers, where there are several
    """

    def __init__(
        self,
        *,
        log: EventLog,
        keys: KeyRing,
        worker: IngestWorker,
        dead_letters: DeadLetterQueue,
        keeping: Keeping,
        clock: Clock,
        settings: Settings,
        buckets: SharedBuckets | None = None,
    ) -> None:
        self.keys = keys
        self.dead_letters, self.keeping = dead_letters, keeping
        self.settings = settings
        self._log, self._worker, self._backlog = log, worker, 0
        self._stats = Stats("admit")
        self._rate = RateLimit(settings.requests_per_minute, clock, buckets)

    def lag(self) -> int:
        """Acknowledged events that the pipeline has not finished; as many as before while the log does not say."""
        with suppress(StoreUnavailable):
            self._backlog = self._log.lag(PIPELINE)
        return self._backlog

    def report(self) -> Report:
        """What the collector and the ingest worker have counted since the start."""
        return self._stats.report() + self._worker.report()

    def authenticate(self, secret: str | None) -> Key:
        """The key that sends events, if it may send more now.

        :raises RequestError: 401, 403 or 429
        """
        with self._stats.start() as laps:
            key = self.keys.require(secret, INGEST)
            self.admit(key)
            laps.end("authenticate")
        return key

    def admit(self, key: Key) -> None:
        """Count a request of a key, wherever it goes.

        :raises RequestError: 429 when there were too many in the last minute
        """
        self._rate.take(key.name)

    async def take(self, request: IngestRequest) -> bytes:
        """See :meth:`coursepulse.collect.worker.IngestWorker.take`."""
        return await self._worker.take(request)

    async def receive(self, body: bytes, *, key: Key, ndjson: bool = False, keep: bool = True) -> Receipt:
        """:meth:`take` for callers in this process."""
        return _receipt.decode(await self.take(IngestRequest(body, key, ndjson=ndjson, keep=keep)))

    async def append(self, events: list[Event]) -> None:
        """Make canonical events durable.

        :raises LogFull: when the log cannot write
        """
        await asyncio.wrap_future(self._log.append(events))
