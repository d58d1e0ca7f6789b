"""The streams that are open, each by the session or key that opened it: it ends soon after that does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import structlog

from coursepulse.kit.errors import CoursepulseError
from coursepulse.web.live.listener import Listener

#: Seconds between two looks, each one question however many streams are open.
LOOK = 2.0

#: Streams of one session, beyond which the oldest ends: as many tabs as anybody looks at.
_MOST = 20

_log = structlog.get_logger(__name__)


class Credential(NamedTuple):
    """By what somebody was admitted."""

    secret: str
    is_key: bool


#: Returns those of some credentials that hold no longer. Called outside of the loop.
FindEnded = Callable[[Collection[Credential]], Collection[Credential]]


class OpenStreams:
    """Looks only while a stream is open."""

    def __init__(self, find_ended: FindEnded) -> None:
        self._find_ended = find_ended
        self._open: dict[Listener, Credential] = {}
        self._looking: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def holding(self, listener: Listener, credential: Credential) -> Iterator[None]:
        """The listener is ended with the credential."""
        self._make_room(credential)
        self._open[listener] = credential
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            del self._open[listener]

    def _make_room(self, credential: Credential) -> None:
        held = [one for one, by in self._open.items() if by == credential and not one.has_ended]
        if len(held) >= _MOST and not credential.is_key:
            held[0].end()

    async def _look(self) -> None:
        while self._open:
            await asyncio.sleep(LOOK)
            try:
                ended = await asyncio.to_thread(self._find_ended, set(self._open.values()))
            except CoursepulseError as error:
                # Cards cannot be asked for then either: nobody learns anything.
                _log.warning("streams_not_looked_at", error=str(error))
                continue
            for listener, credential in self._open.items():
                if credential in ended:
                    listener.end()
        self._looking = None
