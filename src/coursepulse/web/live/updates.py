"""From the pipeline to open pages: what changed is published to the channels of those who watch it.

Nothing is asked of a database, and what nobody watches is not published.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from typing import cast
from zlib import crc32

import msgspec
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.base import ChannelsBackend
from litestar.channels.backends.memory import MemoryChannelsBackend

from coursepulse.kit.clock import Micros
from coursepulse.web.live.listener import ChangeMessage, Listener
from coursepulse.web.live.recent import RecentChanges
from coursepulse.web.live.relay import Relay, RelayedChange
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


class LiveUpdates:
    """Takes changes from any thread, and tells the open pages of this process, and of others.

    :param between_servers: opens what carries changes to the other servers, and from them; None where there are none
    """

    def __init__(self, between_servers: Callable[[], ChannelsBackend] | None = None) -> None:
        self.relay = between_servers and Relay(between_servers, self._hear, self._interrupt, self._lose)
        self.plugin = ChannelsPlugin(
            MemoryChannelsBackend(),
            channels=[f"live-{number}" for number in range(_CHANNELS)],
            subscriber_class=Listener,
        )
        self.recent = RecentChanges(secrets.token_hex(4))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watched: Counter[str] = Counter()
        self._listeners: set[Listener] = set()
        self._latest: Micros | None = None

    def start(self) -> None:
        """Begin to hear from other servers."""
        if self.relay:
            self.relay.start()

    def stop(self) -> None:
        """Leave the other servers."""
        if self.relay:
            self.relay.stop()

    @property
    def is_whole(self) -> bool:
        """Whether pages are told of everything: not while the other servers cannot be heard."""
        return self.relay is None or self.relay.is_open

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
        changed = frozenset(subjects)
        self._tell(changed)
        if self.relay:
            self.relay.send(changed, self._latest)

    def _tell(self, subjects: frozenset[str]) -> None:
        number, changed = self.recent.add(subjects)
        if self._listeners:
            self._call(self._publish, number, changed)

    def _call(self, work: Callable[..., None], *given: object) -> None:
        """In the loop, if there is one."""
        if self._loop is not None:
            # The loop may have closed: then nobody is there to be told.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(work, *given)

    def _hear(self, change: RelayedChange) -> None:
        self._latest = max(self._latest or 0, change.latest or 0) or None
        self._tell(frozenset(change.subjects))

    def _lose(self) -> None:
        """The other servers cannot be heard: pages ask by themselves until they can."""
        self._call(self.end_all)

    def _interrupt(self) -> None:
        """Nobody knows what the other servers have said: everything may have changed."""
        self.recent.forget(secrets.token_hex(4))
        self._call(self._tell_everything)

    def _tell_everything(self) -> None:
        for listener in self._listeners:
            listener.tell_everything(self.recent.number)

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
        """The server stops: pages find another one, or this one again. Only in the loop."""
        for listener in self._listeners:
            listener.end()

    def _forget(self, watched: Watched) -> None:
        self._watched.subtract(watched.keys())
        for subject in watched:
            if not self._watched[subject]:
                del self._watched[subject]


def _channel(subject: str) -> str:
    return f"live-{crc32(subject.encode('utf-8', 'surrogatepass')) % _CHANNELS}"
