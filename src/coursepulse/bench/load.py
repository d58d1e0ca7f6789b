"""A cheap load generator: raw HTTP/1.1 over keep-alive connections, with prepared bodies.

An HTTP library would use more CPU per request than the server, and both share the machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit


class Target(NamedTuple):
    """The server to send to, and the key."""

    host: str
    port: int
    key: str

    @classmethod
    def parse(cls, url: str, key: str) -> Target:
        """From a base URL such as ``http://127.0.0.1:8000``."""
        parts = urlsplit(url)
        return cls(parts.hostname or "127.0.0.1", parts.port or 80, key)

    def get(self, path: str) -> bytes:
        """The bytes of one GET request."""
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"Authorization: Bearer {self.key}",
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def post(self, path: str, body: bytes, encoding: str = "") -> bytes:
        """The bytes of one POST request."""
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"Authorization: Bearer {self.key}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        if encoding:
            lines.append(f"Content-Encoding: {encoding}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class AnsweredRequest(NamedTuple):
    """One answered request; times are seconds of the monotonic clock."""

    due: float
    answered: float
    status: int

    @property
    def latency(self) -> float:
        """Seconds since it was due, so that a stalled server does not look better (coordinated omission)."""
        return self.answered - self.due


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> int:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        await self._reader.readexactly(_content_length(head))
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


async def connect(target: Target) -> _Connection:
    """A keep-alive connection."""
    return _Connection(*await asyncio.open_connection(target.host, target.port))


async def drive(
    target: Target,
    requests: Iterator[bytes],
    *,
    connections: int,
    rate: float | None,
    seconds: float,
    each: Callable[[AnsweredRequest], None] = lambda _: None,
) -> list[AnsweredRequest]:
    """Send requests for some seconds, as fast as they are answered or at ``rate`` requests/s in total."""
    began = time.monotonic()
    sent: list[AnsweredRequest] = []
    ticket = iter(range(1 << 62))

    async def work() -> None:
        connection = await connect(target)
        while True:
            due = began + next(ticket) / rate if rate else time.monotonic()
            if due - began >= seconds:
                break
            request = next(requests, None)
            if request is None:
                break
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            status = await connection.ask(request)
            sent.append(AnsweredRequest(due, time.monotonic(), status))
            each(sent[-1])
        connection.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return sent
