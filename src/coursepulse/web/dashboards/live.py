"""Live numbers: tells open pages that something new has been applied; they then ask for what they show.

One reader per process looks four times a second, and only while a page is open, however many are.
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

#: Seconds between two looks; with the browser's own calm this keeps the screen within a second of the data.
PULSE = 0.25

#: Seconds of silence after which a comment finds out whether the reader is still there.
SILENCE = 15.0

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


class Pulse:
    """Shares one look at the pipeline among every open page."""

    def __init__(self, read: Callable[[], Freshness | None]) -> None:
        self._read = read
        self._seen: Freshness | None = None
        self._changed = asyncio.Condition()
        self._open = 0
        self._reader: asyncio.Task[None] | None = None

    async def follow(self) -> AsyncIterator[Freshness | None]:
        """How far the numbers are, now and after each change; None after a long silence."""
        self._enter()
        told: Freshness | None = None
        try:
            while True:
                told, news = await self._next(told)
                yield news
        finally:
            self._leave()

    async def _next(self, told: Freshness | None) -> tuple[Freshness | None, Freshness | None]:
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(lambda: self._seen != told), SILENCE)
            except TimeoutError:
                return told, None
            return self._seen, self._seen

    def _enter(self) -> None:
        self._open += 1
        if self._reader is None:
            self._reader = asyncio.create_task(self._look())

    def _leave(self) -> None:
        self._open -= 1
        if self._open == 0 and self._reader is not None:
            self._reader.cancel()
            self._reader = None
            self._seen = None  # the next reader starts from the present, not from where the last one left

    async def _look(self) -> None:
        while True:
            try:
                seen = await asyncio.to_thread(self._read)
            except CoursepulseError:
                seen = self._seen  # a store that rests is no news; cards say so themselves
            if seen != self._seen:
                async with self._changed:
                    self._seen = seen
                    self._changed.notify_all()
            await asyncio.sleep(PULSE)


@get("/live/applied", include_in_schema=False)
async def follow_applied(request: AnyRequest) -> ServerSentEvent:
    """Server-sent events named ``applied``: one at once, then one after each change."""
    services = reach.dashboards(request)
    if await asyncio.to_thread(session_viewer, request) is None:
        raise sign_in_needed()
    return ServerSentEvent(_messages(pulse_of(request.app.state, services), services.clock))


def pulse_of(state: State, services: DashboardServices) -> Pulse:
    """The one pulse of this application."""
    if "pulse" not in state:
        state.pulse = Pulse(partial(read_applied, services.metrics))
    pulse: Pulse = state.pulse
    return pulse


def read_applied(source: AnswersQueries) -> Freshness | None:
    """How far the consumers have come that numbers are made of; None before the first step of the first."""
    rows = {row["name"]: row for row in source.run(Query(metric="pipeline"), _READER).records()}
    known = [rows[name] for name in CONSUMERS if name in rows]
    if not known:
        return None
    return Freshness(tuple(row["position"] for row in known), _micros(known[0]["latest_event_at"]))


def mark_applied(services: DashboardServices) -> str:
    """How far the numbers are that are asked for from now on; empty when nobody knows.

    A page says it to the browser, which can then tell whether they went on while the page was on its way.
    """
    try:
        applied = read_applied(services.metrics)
    except CoursepulseError:
        return ""
    return applied.mark if applied else ""


async def _messages(pulse: Pulse, clock: Clock) -> AsyncIterator[ServerSentEventMessage]:
    first = True
    async for news in pulse.follow():
        if news is None:
            yield ServerSentEventMessage(comment="still here")
            continue
        told = {"latest_data_at": news.latest_data_at, "applied": news.mark, "now": clock(), "first": first}
        first = False
        yield ServerSentEventMessage(event="applied", data=json.dumps(told))


def _micros(moment: datetime | Micros | None) -> Micros | None:
    return to_micros(moment) if isinstance(moment, datetime) else moment


routes = [follow_applied]
