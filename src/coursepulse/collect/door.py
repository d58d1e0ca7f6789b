"""The front door. It sees only the log: with every database down, collecting goes on."""

from __future__ import annotations

import asyncio
from collections import Counter

import structlog

from coursepulse.collect.dead_letters import DeadLetters
from coursepulse.collect.delivery import Delivery
from coursepulse.collect.keys import INGEST, Key, KeyRing
from coursepulse.collect.rate import RateLimit
from coursepulse.collect.receipt import Receipt
from coursepulse.collect.stats import Stats
from coursepulse.collect.steps import STEPS, Desk
from coursepulse.events.event import Event
from coursepulse.events.reasons import NOT_KEPT
from coursepulse.kit.clock import SECOND, Clock, Micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.settings import Settings
from coursepulse.log.port import EventLog
from coursepulse.privacy.consent import Consents
from coursepulse.privacy.pseudonyms import Pseudonyms

#: The consumer group of the log whose backlog decides about shedding.
PIPELINE = "pipeline"

#: Bodies above this many bytes are judged in a thread, so that small requests need not wait for them.
_LARGE_BODY = 1 << 20

#: How long a measured backlog is believed.
_BACKLOG_AGE: Micros = SECOND // 4

_log = structlog.get_logger(__name__)


class Door:
    """Takes events in: ``authenticate``, then :data:`coursepulse.collect.steps.STEPS`, then ``append``.

    An event is accepted when the log has it on disk, and not before.
    """

    def __init__(
        self,
        *,
        log: EventLog,
        keys: KeyRing,
        pseudonyms: Pseudonyms,
        consents: Consents,
        dead_letters: DeadLetters,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self.keys = keys
        self.dead_letters = dead_letters
        self.stats = Stats()
        self._log = log
        self._clock = clock
        self._rate = RateLimit(settings.requests_per_minute, clock)
        self._desk = Desk(settings, pseudonyms, consents, Backlog(log, clock))
        # One at a time: a hostile body of 8 MiB can take some hundred megabytes while it is judged.
        self._large = asyncio.Semaphore(1)

    def lag(self) -> int:
        """Acknowledged events that the pipeline has not finished."""
        return self._log.lag(PIPELINE)

    def authenticate(self, secret: str | None) -> Key:
        """The key that brings events, if it may bring more now.

        :raises RequestError: 401, 403 or 429
        """
        laps = self.stats.start()
        key = self.keys.require(secret, INGEST)
        self._rate.take(key.name)
        laps.end("authenticate")
        return key

    async def receive(
        self,
        body: bytes,
        *,
        key: Key,
        ndjson: bool = False,
        address: str = "",
        keep: bool = True,
        opted_out: bool = False,
    ) -> Receipt:
        """Judge the events of a body (unpacked, at most 8 MiB) and make the good ones durable.

        :param opted_out: the browser that sends them asks not to be tracked
        :param keep: whether refused events become dead letters
        :raises RequestError: when the body as a whole cannot be read; then nothing was accepted
        :raises LogFull: when the log cannot write; then nothing was accepted
        """
        delivery = Delivery(body, ndjson, key, address, self._clock(), opted_out)
        if len(body) > _LARGE_BODY:
            async with self._large:
                await asyncio.to_thread(self._judge, delivery)
        else:
            self._judge(delivery)
        await self.append([candidate.event for candidate in delivery.candidates])
        if delivery.rejected:
            await self._see_off(delivery, keep=keep)
        self.stats.count("accepted", len(delivery.candidates))
        return delivery.receipt()

    async def append(self, events: list[Event]) -> None:
        """Make canonical events durable.

        :raises LogFull: when the log cannot write
        """
        if events:
            laps = self.stats.start()
            await asyncio.wrap_future(self._log.append(events))
            laps.end("append")

    def _judge(self, delivery: Delivery) -> None:
        laps = self.stats.start()
        for step in STEPS:
            step(self._desk, delivery)
            laps.end(step.__name__)

    async def _see_off(self, delivery: Delivery, *, keep: bool) -> None:
        """Count what was refused, and keep what may be kept.

        A dead letter that cannot be kept is lost to us, not to its sender, who reads the receipt.
        """
        for reason, events in Counter(each.reason for each in delivery.rejected).items():
            self.stats.count(reason.value, events)
        kept = [each for each in delivery.rejected if keep and each.reason not in NOT_KEPT]
        if not kept:
            return
        try:
            await asyncio.to_thread(self.dead_letters.put, kept, delivery.received_at, delivery.key.name)
        except CoursepulseError as error:
            self.stats.count("dead_letters_lost", len(kept))
            _log.warning("dead_letters_lost", letters=len(kept), error=str(error))


class Backlog:
    """The backlog of the pipeline, measured anew when the last figure is 250 ms old."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._measured: tuple[Micros, int] | None = None

    def __call__(self) -> int:
        now = self._clock()
        if self._measured is None or abs(now - self._measured[0]) > _BACKLOG_AGE:
            self._measured = now, self._log.lag(PIPELINE)
        return self._measured[1]
