"""One open page as a subscriber: takes changes that concern it, and passes them on in as few messages as possible."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import msgspec
from litestar.channels import Subscriber

from coursepulse.web.live.subjects import EVERYTHING, Watched

#: Seconds between two times that somebody is told of the same thing.
CALM = 1.0

#: Seconds for everything that changed together to come in, so that it is told together.
_TOGETHER = 0.01


class ChangeMessage(msgspec.Struct, frozen=True, array_like=True):
    """What travels over the channels."""

    number: int
    subject: str


class News(NamedTuple):
    """What somebody is told.

    :param number: of the latest change up to which everything has been told
    """

    changed: frozenset[str]
    number: int


_decode = msgspec.msgpack.Decoder(ChangeMessage).decode


class Listener(Subscriber):
    """What has changed waits here by name, each once: as much as somebody watches, however long they do not listen."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._watched: Watched = {}
        self._number = 0
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        #: By name: the number of the first change that was not told yet, and when the last one was told.
        self._waiting: dict[str, int] = {}
        self._told_at: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False

    def listen(self, watched: Watched, number: int) -> None:
        """Begin.

        :param number: everything up to this change has been told
        """
        self._watched, self._number = watched, number

    def put_nowait(self, item: bytes | None) -> bool:
        """A message, or None for the end."""
        if item is None:
            self.end()
        else:
            self._take(_decode(item))
        return True

    async def put(self, item: bytes | None) -> None:
        """The same; nobody ever has to wait."""
        self.put_nowait(item)

    def tell_everything(self, number: int) -> None:
        """Whatever is watched may have changed.

        :param number: of the latest change that is known
        """
        self._number = max(self._number, number)
        self._waiting.setdefault(EVERYTHING, self._number)
        self._wake()

    def end(self) -> None:
        """Tell nothing more."""
        self._ended = True
        self._stop_timer()
        self._news.set()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is told."""
        return self._ended

    async def next(self, patience: float) -> News | None:
        """What is to be told next; None after ``patience`` seconds of silence, and at the end."""
        try:
            async with asyncio.timeout(patience):
                await self._news.wait()
        except TimeoutError:
            return None
        if self._ended:
            return None
        await asyncio.sleep(_TOGETHER)
        return self._tell()

    def _take(self, change: ChangeMessage) -> None:
        names = self._watched.get(change.subject, ())
        for name in names:
            self._waiting.setdefault(name, change.number)
        if names:
            self._number = max(self._number, change.number)
            self._wake()

    def _tell(self) -> News:
        now = self._loop.time()
        due = frozenset(name for name in self._waiting if self._due_at(name) <= now)
        for name in due:
            del self._waiting[name]
            self._told_at[name] = now
        self._news.clear()
        self._wake()
        return News(due, min(self._waiting.values(), default=self._number + 1) - 1)

    def _wake(self) -> None:
        """Let something be told as soon as it may."""
        if not self._waiting or self._news.is_set():
            return
        first = min(self._due_at(name) for name in self._waiting)
        if first <= self._loop.time():
            self._news.set()
        elif self._timer is None or self._timer.when() > first:
            self._stop_timer()
            self._timer = self._loop.call_at(first, self._ring)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._news.set()

    def _due_at(self, name: str) -> float:
        return self._told_at.get(name, float("-inf")) + CALM
