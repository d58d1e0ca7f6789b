"""Channels over Redis: what is said in one process is heard in all others that listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from litestar.channels.backends.base import ChannelsBackend

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.store.redis.address import RedisAddress, check_client, connect_async, failures

if TYPE_CHECKING:
    from coursepulse.store.redis.address import AsyncRedisClient

#: With one tag all channels are in one slot: one connection hears them all, in the order in which they were said.
_PREFIX = "coursepulse:{live}:"

#: Seconds that one look for a message lasts.
_LOOK = 0.2


class RedisChannels(ChannelsBackend):
    """Sharded publish and subscribe: messages stay with the node of the slot and its replica.

    Keeps no history, and does not come back by itself: every method raises StoreUnavailable when Redis does not
    answer, and then it is time for a new one.

    :raises SettingError: when the client of Redis is not installed
    """

    def __init__(self, address: RedisAddress) -> None:
        check_client()
        self._address = address
        self._client: AsyncRedisClient | None = None
        self._heard: Any = None

    async def on_startup(self) -> None:
        self._client = connect_async(self._address)
        with _translating():
            await self._client.initialize()
        self._heard = self._client.pubsub()

    async def on_shutdown(self) -> None:
        for each in (self._heard, self._client):
            if each is not None:
                with _quietly():
                    await each.aclose()
        self._heard = self._client = None

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        if self._client is None:
            raise StoreUnavailable("There is no connection to Redis yet, or none any more.")
        with _translating():
            for channel in channels:
                await self._client.spublish(_PREFIX + channel, data)

    async def subscribe(self, channels: Iterable[str]) -> None:
        with _translating():
            await self._heard.ssubscribe(*(_PREFIX + channel for channel in channels))

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        with _translating():
            await self._heard.sunsubscribe(*(_PREFIX + channel for channel in channels))

    async def stream_events(self) -> AsyncGenerator[tuple[str, bytes], None]:
        while True:
            message = await self._look()
            if message is None:
                # Also where nothing is subscribed to, and looking takes no time.
                await asyncio.sleep(0.01)
            elif message["type"] == "smessage":
                yield message["channel"].decode().removeprefix(_PREFIX), message["data"]

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:  # noqa: ARG002
        return []

    async def _look(self) -> dict[str, Any] | None:
        with _translating():
            if self._address.cluster:
                found = await self._heard.get_sharded_message(timeout=_LOOK)
            else:
                found = await self._heard.get_message(timeout=_LOOK) if self._heard.subscribed else None
        message: dict[str, Any] | None = found
        return message


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except failures() as error:
        raise StoreUnavailable(f"Redis does not answer: {error}") from None


@contextmanager
def _quietly() -> Iterator[None]:
    try:
        yield
    except failures():
        pass
