"""From the pipeline to open pages: what changed is published to the channels of those who watch it.

Nothing is asked of a database, and what nobody watches is not published.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from typing import cast
from zlib import crc32

import msgspec
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.base import ChannelsBackend
from litestar.channels.backends.memory import MemoryChannelsBackend

from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import SettingError
from coursepulse.web.live.listener import ChangeMessage, Listener
from coursepulse.web.live.recent import RecentChanges
from coursepulse.web.live.subjects import (
    ALERTS_GONE,
    Watched,
    about_course,
    about_student,
    alerts_about,
    name_learners,
)

#: A fixed number of channels: one for each subject that was ever watched would be kept for good.
_CHANNELS = 1024

_encode = msgspec.msgpack.Encoder().encode


def open_backend(url: str) -> ChannelsBackend:
    """What carries messages to the processes with open pages.

    :raises SettingError: for an address of a kind that is not known
    """
    if url == "memory://":
        return MemoryChannelsBackend()
    raise SettingError("COURSEPULSE_LIVE: must be memory://, which carries changes within this process.")


class LiveUpdates:
    """Takes changes from any thread, and tells the open pages of this process.

    :param backend: what carries the messages
    """

    def __init__(self, backend: ChannelsBackend | None = None) -> None:
        self.plugin = ChannelsPlugin(
            backend or MemoryChannelsBackend(),
            channels=[f"live-{number}" for number in range(_CHANNELS)],
            subscriber_class=Listener,
        )
        self.recent = RecentChanges(secrets.token_hex(4))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watched: Counter[str] = Counter()
        self._listeners: set[Listener] = set()
        self._latest: Micros | None = None

    @property
    def mark(self) -> str:
        """How far everything is that is asked for from now on. A page with this mark misses nothing that follows."""
        return self.recent.mark(self.recent.number)

    @property
    def latest_data_at(self) -> Micros | None:
        """Time of the newest event that was applied."""
        return self._latest

    def note_learners(
        self, learners: Collection[tuple[str, bytes]], latest_event_at: Micros | None = None
    ) -> None:
        """The numbers of these learners have changed."""
        self._latest = latest_event_at or self._latest
        self.note(name_learners(learners))

    def note_alerts(self, about: Iterable[tuple[str, bytes | None]], *, gone: bool = False) -> None:
        """Alerts about these courses and students were raised or have changed.

        :param gone: others are no more, and nothing says any longer what they were about
        """
        subjects = {ALERTS_GONE} if gone else set()
        for course_id, student_id in about:
            subjects |= {alerts_about(), alerts_about(about_course(course_id))}
            if student_id is not None:
                subjects.add(alerts_about(about_student(student_id)))
        if subjects:
            self.note(subjects)

    def note(self, subjects: Iterable[str]) -> None:
        """These have changed."""
        number, changed = self.recent.add(subjects)
        if self._listeners and self._loop is not None:
            # The loop may have closed: then nobody is there to be told.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._publish, number, changed)

    def _publish(self, number: int, changed: frozenset[str]) -> None:
        for subject in changed & self._watched.keys():
            self.plugin.publish(_encode(ChangeMessage(number, subject)), _channel(subject))

    @asynccontextmanager
    async def listening(self, watched: Watched) -> AsyncIterator[Listener]:
        """Somebody who is told of what they watch, from now on."""
        self._loop = asyncio.get_running_loop()
        channels = {_channel(subject) for subject in watched}
        listener = cast("Listener", await self.plugin.subscribe(channels))
        self._listeners.add(listener)
        self._watched.update(watched.keys())
        listener.listen(watched, self.recent.number)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            self._forget(watched)
            await self.plugin.unsubscribe(listener, channels)

    def end_all(self) -> None:
        """The server stops: pages find another one, or this one again."""
        for listener in self._listeners:
            listener.end()

    def _forget(self, watched: Watched) -> None:
        self._watched.subtract(watched.keys())
        for subject in watched:
            if not self._watched[subject]:
                del self._watched[subject]


def _channel(subject: str) -> str:
    return f"live-{crc32(subject.encode('utf-8', 'surrogatepass')) % _CHANNELS}"
