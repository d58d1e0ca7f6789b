"""The ingest worker behind the collector: takes what a request brings through the steps and into the log.

All that costs the collector processor time is here, and nothing that knows of HTTP or keys: an ingest worker may work
in another process than the one that speaks to the sender.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Protocol

import msgspec
import structlog

from coursepulse.collect.bodies import unpack_body
from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import Key
from coursepulse.collect.request_context import RequestContext
from coursepulse.collect.senders import SenderCount, SenderTally
from coursepulse.collect.stats import Laps, Report, Stats
from coursepulse.collect.steps import STEPS, Resources
from coursepulse.events.event import Event
from coursepulse.kit.clock import SECOND, Clock, Micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.settings import Settings
from coursepulse.log.port import EventSink
from coursepulse.privacy.consent import Consents
from coursepulse.privacy.pseudonyms import Pseudonyms

#: The consumer group of the log whose backlog decides about shedding.
PIPELINE = "pipeline"

#: Bodies above this many bytes are judged in a thread, so that small requests need not wait for them.
_LARGE_BODY = 1 << 20

#: The same of bodies as they were sent, which unpack to more.
_LARGE_PACKED = 1 << 18

#: How long a measured backlog is believed.
_BACKLOG_AGE: Micros = SECOND // 4

_log = structlog.get_logger(__name__)


class IngestRequest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one request brings.

    :param body: as sent, at most 8 MiB
    :param encoding: its ``Content-Encoding``
    :param keep: whether refused events become dead letters
    :param opted_out: the browser that sends it asks not to be tracked
    """

    body: bytes
    key: Key
    encoding: str = ""
    ndjson: bool = False
    address: str = ""
    keep: bool = True
    opted_out: bool = False


class IngestWorker(Protocol):
    """Judges requests and makes their events durable."""

    async def take(self, request: IngestRequest) -> bytes:
        """Make the good events durable; returns the :class:`~coursepulse.collect.receipt.Receipt` as JSON.

        :raises RequestError: when the body as a whole cannot be read; then nothing was accepted
        :raises LogFull: when nothing can be written now; then nothing was accepted
        """

    def report(self) -> Report:
        """What was counted since the start."""

    def take_counts(self) -> list[SenderCount]:
        """What senders brought since the last time this was asked."""


class LocalWorker:
    """:class:`IngestWorker` in this process. An event is accepted when the log has it on disk, and not before."""

    def __init__(
        self,
        *,
        log: EventSink,
        pseudonyms: Pseudonyms,
        consents: Consents,
        dead_letters: DeadLetterQueue,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._stats, self._senders = Stats("ingest"), SenderTally()
        self._log, self._dead_letters, self._clock = log, dead_letters, clock
        self._resources = Resources(settings, pseudonyms, consents, Backlog(log, clock))
        self._keeping = Keeping(pseudonyms, consents, settings)
        # One at a time: a hostile body of 8 MiB can take some hundred megabytes while it is judged.
        self._large = asyncio.Semaphore(1)

    async def take(self, request: IngestRequest) -> bytes:
        body = await self._unpack(request)
        received_at = self._clock()
        context = RequestContext(
            body, request.ndjson, request.key, request.address, received_at, request.opted_out
        )
        with self._stats.start() as laps:
            if len(body) > _LARGE_BODY:
                async with self._large:
                    await asyncio.to_thread(self._judge, context, laps)
            else:
                self._judge(context, laps)
            await self._append([candidate.event for candidate in context.candidates], laps)
        if context.rejected:
            await self._refuse(context, keep=request.keep and not self._opted_out(request))
        self._stats.count("accepted", len(context.candidates))
        self._senders.note(context)
        return msgspec.json.encode(context.receipt())

    async def _unpack(self, request: IngestRequest) -> bytes:
        if not request.encoding or len(request.body) <= _LARGE_PACKED:
            return unpack_body(request.body, request.encoding)
        async with self._large:
            return await asyncio.to_thread(unpack_body, request.body, request.encoding)

    def report(self) -> Report:
        return self._stats.report()

    def take_counts(self) -> list[SenderCount]:
        return self._senders.take()

    def _judge(self, context: RequestContext, laps: Laps) -> None:
        # Waiting for a large body before this one is no step.
        laps.skip()
        for step in STEPS:
            step(self._resources, context)
            laps.end(step.__name__)

    async def _append(self, events: list[Event], laps: Laps) -> None:
        if events:
            laps.skip()
            await asyncio.wrap_future(self._log.append(events))
            laps.end("append")

    def _opted_out(self, request: IngestRequest) -> bool:
        """Whether what is refused must not be kept: replayed, it would not say any more that its sender opted out."""
        return request.opted_out and self._resources.settings.honour_gpc == "on"

    async def _refuse(self, context: RequestContext, *, keep: bool) -> None:
        """Count what was refused, and keep what may be kept.

        A dead letter that cannot be kept is lost to us, not to its sender, who reads the receipt.
        """
        for reason, events in Counter(each.reason for each in context.rejected).items():
            self._stats.count(reason.value, events)
        kept = self._keeping.sift(context.rejected) if keep else []
        if not kept:
            return
        try:
            await asyncio.to_thread(self._dead_letters.put, kept, context.received_at, context.key.name)
        except CoursepulseError as error:
            self._stats.count("dead_letters_lost", len(kept))
            _log.warning("dead_letters_lost", dead_letters=len(kept), error=str(error))


class Backlog:
    """The backlog of the pipeline, measured anew when the last figure is 250 ms old."""

    def __init__(self, log: EventSink, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._measured: tuple[Micros, int] | None = None

    def __call__(self) -> int:
        now = self._clock()
        if self._measured is None or abs(now - self._measured[0]) > _BACKLOG_AGE:
            self._measured = now, self._log.lag(PIPELINE)
        return self._measured[1]
