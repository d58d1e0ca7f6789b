"""Live numbers: tells open pages that something new has been applied; they then ask for what they show.

One reader per process polls four times a second, and only while a page is open, however many are.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from litestar import get
from litestar.datastructures import State
from litestar.response import ServerSentEvent, ServerSentEventMessage

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.reader import AnswersQueries
from coursepulse.kit.clock import Clock, Micros, to_micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.metrics.query import Query
from coursepulse.web import reach
from coursepulse.web.dashboards.ports import DashboardServices
from coursepulse.web.http.auth import session_viewer, sign_in_needed
from coursepulse.web.http.request import AnyRequest

#: Seconds between two reads; with the browser's own calm this keeps the screen within a second of the data.
POLL_SECONDS = 0.25

#: Seconds of silence after which a comment finds out whether the reader is still there.
KEEP_ALIVE_SECONDS = 15.0

#: The consumers of the log that numbers are made of.
CONSUMERS = ("served", "learners")

#: Says when, never what: it reads how far the numbers are and none of them.
_READER = Viewer(role=Role.ADMIN, subject="live")


class Freshness(NamedTuple):
    """How far the numbers are.

    :param positions: of the last event applied, in the log, for each of :data:`CONSUMERS`
    """

    positions: tuple[int, ...]
    latest_data_at: Micros | None

    @property
    def mark(self) -> str:
        """Two marks are equal when nothing was applied in between, however old the events are."""
        return ".".join(map(str, self.positions))


class FreshnessFeed:
    """Reads how far the pipeline is once for every open page."""

    def __init__(self, read: Callable[[], Freshness | None]) -> None:
        self._read = read
        self._latest: Freshness | None = None
        self._changed = asyncio.Condition()
        self._open = 0
        self._reader: asyncio.Task[None] | None = None

    async def updates(self) -> AsyncIterator[Freshness | None]:
        """How far the numbers are, now and after each change; None after a long silence."""
        self._enter()
        sent: Freshness | None = None
        try:
            while True:
                sent, update = await self._next(sent)
                yield update
        finally:
            self._leave()

    async def _next(self, sent: Freshness | None) -> tuple[Freshness | None, Freshness | None]:
        async with self._changed:
            try:
                await asyncio.wait_for(
                    self._changed.wait_for(lambda: self._latest != sent), KEEP_ALIVE_SECONDS
                )
            except TimeoutError:
                return sent, None
            return self._latest, self._latest

    def _enter(self) -> None:
        self._open += 1
        if self._reader is None:
            self._reader = asyncio.create_task(self._poll())

    def _leave(self) -> None:
        self._open -= 1
        if self._open == 0 and self._reader is not None:
            self._reader.cancel()
            self._reader = None
            self._latest = None  # the next reader starts from the present, not from where the last one left

    async def _poll(self) -> None:
        while True:
            try:
                latest = await asyncio.to_thread(self._read)
            except CoursepulseError:
                latest = self._latest  # a store that does not answer changes nothing; cards say so themselves
            if latest != self._latest:
                async with self._changed:
                    self._latest = latest
                    self._changed.notify_all()
            await asyncio.sleep(POLL_SECONDS)


@get("/live/applied", include_in_schema=False)
async def stream_freshness(request: AnyRequest) -> ServerSentEvent:
    """Server-sent events named ``applied``: one at once, then one after each change."""
    services = reach.dashboards(request)
    if await asyncio.to_thread(session_viewer, request) is None:
        raise sign_in_needed()
    return ServerSentEvent(_messages(feed_of(request.app.state, services), services.clock))


def feed_of(state: State, services: DashboardServices) -> FreshnessFeed:
    """The one feed of this application."""
    if "feed" not in state:
        state.feed = FreshnessFeed(partial(read_freshness, services.metrics))
    feed: FreshnessFeed = state.feed
    return feed


def read_freshness(source: AnswersQueries) -> Freshness | None:
    """How far the consumers have come that numbers are made of; None before the first step of the first."""
    rows = {row["name"]: row for row in source.run(Query(metric="pipeline"), _READER).records()}
    known = [rows[name] for name in CONSUMERS if name in rows]
    if not known:
        return None
    return Freshness(tuple(row["position"] for row in known), _micros(known[0]["latest_event_at"]))


def freshness_mark(services: DashboardServices) -> str:
    """How far the numbers are that are asked for from now on; empty when nobody knows.

    A page says it to the browser, which can then tell whether they went on while the page was on its way.
    """
    try:
        applied = read_freshness(services.metrics)
    except CoursepulseError:
        return ""
    return applied.mark if applied else ""


async def _messages(feed: FreshnessFeed, clock: Clock) -> AsyncIterator[ServerSentEventMessage]:
    first = True
    async for update in feed.updates():
        if update is None:
            yield ServerSentEventMessage(comment="still here")
            continue
        message = {
            "latest_data_at": update.latest_data_at,
            "applied": update.mark,
            "now": clock(),
            "first": first,
        }
        first = False
        yield ServerSentEventMessage(event="applied", data=json.dumps(message))


def _micros(moment: datetime | Micros | None) -> Micros | None:
    return to_micros(moment) if isinstance(moment, datetime) else moment


routes = [stream_freshness]
