"""Open pages for benchmarks: raw streams that cost little beside the server, in a process of their own."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol
from urllib.parse import quote

import msgspec

from coursepulse.bench.load import Target
from coursepulse.web.http.connections import raise_file_limit

#: Seconds for all streams to be open.
_PATIENCE = 60.0


class _Counter(Protocol):
    """A number that two processes share."""

    value: int


class _News(msgspec.Struct):
    changed: list[str]


async def follow(target: Target, watch: str, told: Callable[[list[str]], None]) -> None:
    """Open a stream and hand on what it says, until it ends or this is cancelled."""
    reader, writer = await asyncio.open_connection(target.host, target.port)
    head = (
        f"GET /live/changes?watch={quote(watch)} HTTP/1.1\r\nHost: {target.host}:{target.port}\r\n"
        f"Authorization: Bearer {target.key}\r\n\r\n"
    )
    writer.write(head.encode())
    try:
        while line := await reader.readline():
            if line.startswith(b'data: {"changed"'):
                told(msgspec.json.decode(line[6:], type=_News).changed)
    finally:
        writer.close()


@contextmanager
def listeners(target: Target, watched: Sequence[str]) -> Iterator[None]:
    """So many pages are open, and do nothing but listen."""
    context = multiprocessing.get_context("spawn")
    opened = context.Value("i", 0)
    process = context.Process(target=_listen, args=(target, list(watched), opened), daemon=True)
    process.start()
    try:
        deadline = time.monotonic() + _PATIENCE
        while opened.value < len(watched) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.join()


def _listen(target: Target, watched: list[str], opened: _Counter) -> None:
    raise_file_limit()
    with suppress(KeyboardInterrupt):
        asyncio.run(_follow_all(target, watched, opened))


async def _follow_all(target: Target, watched: list[str], opened: _Counter) -> None:
    heard: set[int] = set()

    def note(number: int) -> None:
        heard.add(number)
        opened.value = len(heard)

    async with asyncio.TaskGroup() as tasks:
        for number, watch in enumerate(watched):
            tasks.create_task(follow(target, watch, lambda _, number=number: note(number)))  # type: ignore[misc]
            if number % 50 == 49:
                await asyncio.sleep(0.2)
