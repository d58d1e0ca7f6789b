"""Carries changes between servers, in both directions, and knows when it does not."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic

import msgspec
import structlog
from litestar.channels.backends.base import ChannelsBackend

from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import CoursepulseError, StoreUnavailable
from coursepulse.web.live.subjects import EVERYTHING

#: The one channel: every server hears everything, because a page that was away may have missed any of it.
_CHANNEL = "changes"

#: Seconds between two words of a server that has nothing to say, and without hearing its own after which it is cut off.
BEAT, SILENCE = 1.0, 4.0

#: Seconds until the next attempt to connect.
_PAUSE = 0.5

#: Seconds for everything that changed together to come in.
_TOGETHER = 0.02

#: Subjects in one message, and those that may wait. Beyond that the others are told that anything may have changed.
_MOST, _WAITING = 2_000, 30_000

_log = structlog.get_logger(__name__)


class RelayedChange(msgspec.Struct, frozen=True, array_like=True):
    """What travels between servers.

    :param origin: the server that says it
    :param number: of the latest change that this server has told, which may be this one
    :param subjects: what has changed; none in a word that only says that the server is there
    :param latest: time of the newest event in the numbers, as far as the server knows
    """

    origin: str
    number: int
    subjects: list[str]
    latest: Micros | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(RelayedChange).decode


class Relay:
    """One thread with a loop of its own: nothing that the backend does holds up requests or the pipeline.

    A server hears its own words as well. While it does not, nobody knows what it misses: it is cut off.

    :param open_backend: makes a new backend for each attempt
    :param hear: called with each change that another server tells
    :param interrupt: called when changes may have been missed
    :param lose: called when this server is cut off
    """

    def __init__(
        self,
        open_backend: Callable[[], ChannelsBackend],
        hear: Callable[[RelayedChange], None],
        interrupt: Callable[[], None],
        lose: Callable[[], None],
    ) -> None:
        self._open_backend, self._hear, self._interrupt, self._lose = open_backend, hear, interrupt, lose
        self._origin = secrets.token_hex(8)
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._waiting: set[str] = set()
        self._latest: Micros | None = None
        self._number = 0
        self._numbers: dict[str, int] = {}
        self._echoed_at: float | None = None
        self._away_since: float | None = monotonic()
        self._reported = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="relay", daemon=True)

    @property
    def is_open(self) -> bool:
        """Whether changes come and go."""
        return self._away_since is None

    def start(self) -> None:
        """Connect, and go on trying."""
        self._thread.start()

    def stop(self) -> None:
        """Say nothing more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def send(self, subjects: Iterable[str], latest: Micros | None = None) -> None:
        """Tell the other servers, soon. Any thread may call."""
        with self._lock:
            self._latest = latest or self._latest
            self._waiting.update(subjects)
            if len(self._waiting) > _WAITING:
                self._waiting = {EVERYTHING}

    def check(self) -> None:
        """Nothing, when all is well.

        :raises StoreUnavailable: while this server is cut off
        """
        if not self.is_open:
            raise StoreUnavailable(
                "Nothing carries changes between the servers: open pages ask for them every ten seconds."
            )

    async def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    await self._serve()
                except* (CoursepulseError, TimeoutError) as errors:
                    self._note_loss(errors.exceptions[0])
                await asyncio.sleep(_PAUSE)
        finally:
            self._away_since = self._away_since or monotonic()

    async def _serve(self) -> None:
        """Speak and hear, until nothing is heard any more."""
        backend = self._open_backend()
        try:
            await backend.on_startup()
            await backend.subscribe([_CHANNEL])
            self._echoed_at = None
            async with asyncio.TaskGroup() as tasks:
                hearing = tasks.create_task(self._listen(backend))
                await self._speak(backend)
                hearing.cancel()
        finally:
            await backend.on_shutdown()

    async def _listen(self, backend: ChannelsBackend) -> None:
        async for _, message in backend.stream_events():
            # Others may say something on the same channel; it means nothing to us.
            with suppress(msgspec.MsgspecError):
                self._take(_decode(message))

    async def _speak(self, backend: ChannelsBackend) -> None:
        began = spoken = monotonic()
        await backend.publish(self._word(()), [_CHANNEL])
        while not self._stopping.is_set():
            await asyncio.sleep(_TOGETHER)
            now = monotonic()
            if now - (self._echoed_at or began) > SILENCE:
                raise TimeoutError("its own words do not come back")
            for subjects in self._take_waiting():
                self._number += 1
                await backend.publish(self._word(subjects), [_CHANNEL])
                spoken = now
            if now - spoken >= BEAT:
                await backend.publish(self._word(()), [_CHANNEL])
                spoken = now

    def _take_waiting(self) -> list[list[str]]:
        with self._lock:
            subjects, self._waiting = list(self._waiting), set()
        return [subjects[first : first + _MOST] for first in range(0, len(subjects), _MOST)]

    def _word(self, subjects: Iterable[str]) -> bytes:
        return _encode(RelayedChange(self._origin, self._number, list(subjects), self._latest))

    def _take(self, change: RelayedChange) -> None:
        if change.origin == self._origin:
            self._note_echo()
            return
        before = self._numbers.get(change.origin)
        self._numbers[change.origin] = change.number
        expected = change.number if before is None else before + bool(change.subjects)
        if change.number != expected or EVERYTHING in change.subjects:
            self._interrupt()
        elif change.subjects:
            self._hear(change)

    def _note_echo(self) -> None:
        self._echoed_at = monotonic()
        if self._away_since is None:
            return
        if self._reported:
            _log.info("live_back", seconds=round(monotonic() - self._away_since, 1))
        self._away_since, self._reported = None, False
        # What was said meanwhile is not said again.
        self._numbers.clear()
        self._interrupt()

    def _note_loss(self, error: BaseException) -> None:
        if self._away_since is None:
            self._away_since = monotonic()
            self._lose()
        if not self._reported:
            self._reported = True
            _log.warning("live_away", error=str(error))
