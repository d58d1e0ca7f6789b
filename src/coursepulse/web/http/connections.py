"""HTTP connections with limits: how much a client may say, and how long it may take.

Why they are here and not in front of the server: ``docs/decisions/0015-limits-of-connections.md``.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import struct
from collections.abc import Collection, Iterable
from contextlib import suppress
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, NamedTuple, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from coursepulse.kit.settings import Settings
from coursepulse.web.http.errors import Problem
from coursepulse.web.http.headers import ALWAYS


class Bounds(NamedTuple):
    """What one connection may take.

    :param head_bytes: of an address with its headers; of a body's trailers likewise
    :param headers: lines of them
    :param head_seconds: from the first byte, or the connection, to the end of the headers
    :param silent_seconds: between two pieces of a body
    :param body_seconds: for a whole body: 8 MiB at 256 kbit/s
    :param stalled_seconds: in which a client takes nothing of an answer
    :param pipelined: requests sent before the first is answered
    :param connections: at one time; beyond it the one goes that has waited longest to say what it wants
    """

    head_bytes: int = 32 << 10
    headers: int = 100
    head_seconds: float = 10.0
    silent_seconds: float = 20.0
    body_seconds: float = 300.0
    stalled_seconds: float = 30.0
    pipelined: int = 16
    connections: int = 4096


#: For ``SO_LINGER``: wait no second for what is unsent, and drop it.
_AT_ONCE = struct.pack("ii", 1, 0)


class _Phase(Enum):
    HEAD = auto()
    BODY = auto()
    READ = auto()


_SENTENCES = {
    HTTPStatus.BAD_REQUEST: ("invalid_http", "This is not HTTP/1.1."),
    HTTPStatus.REQUEST_TIMEOUT: ("too_slow", "The request took too long to arrive."),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        "headers_too_large",
        "The address and headers of the request are too long or too many.",
    ),
}


#: Seconds without a word after which a connection is taken for silent, and between two looks at all of them.
_MOMENT, _LOOK_AGAIN = 0.5, 0.02


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's connection, with :class:`Bounds`. :meth:`check` has to be called about once a second."""

    bounds = Bounds()
    #: Whether the server is about to end: the next answer of each connection is its last one.
    leaving = False

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._phase, self._since, self._heard = _Phase.HEAD, self.loop.time(), 0.0
        self._unsent, self._sent_at = 0, 0.0
        # Bytes since the last one of a body: a head, the lengths of chunks, what follows a body.
        self._beside_body = 0
        self._refusal = HTTPStatus.BAD_REQUEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection in, if there is room."""
        full = len(self.connections) >= self.bounds.connections
        super().connection_made(transport)
        if full and not _make_room(cast("set[BoundedProtocol]", self.connections), self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take in what came. The parser keeps an unfinished header whole, however long: it must not get that far."""
        for start in range(0, len(data), self.bounds.head_bytes):
            if self.transport.is_closing():
                return
            self._take(data[start : start + self.bounds.head_bytes])

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._phase is not _Phase.HEAD:
            self._enter(_Phase.HEAD)

    def on_headers_complete(self) -> None:
        """The request can be looked at, though its body may still be on the way."""
        if len(self.pipeline) >= self.bounds.pipelined:
            raise ValueError("too many requests at once")
        if len(self.headers) > self.bounds.headers:
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError("too many headers")
        super().on_headers_complete()
        if self.leaving:
            self.cycle.keep_alive = False
        self._enter(_Phase.BODY)
        self._heard, self._beside_body = self._since, 0

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        self._heard, self._beside_body = self.loop.time(), 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is here."""
        self._enter(_Phase.READ)
        self._beside_body = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is made, if not sent."""
        self._since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - ours says it in the form of every other error
        """What the parser does not accept."""
        self._refuse(self._refusal)

    def check(self, now: float) -> None:
        """Close the connection if it takes longer than it may."""
        if self._is_stalled(now):
            self._reset()
        elif self._is_slow(now):
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def waits_since(self) -> float | None:
        """When it began to wait for a request; None while one is being answered."""
        return self._since if self._is_idle() else None

    def is_talking(self, now: float) -> bool:
        """Whether something is being answered, or was said a moment ago, so that a request may be on its way."""
        return not self.transport.is_closing() and (not self._is_idle() or now - self._since < _MOMENT)

    def leave(self) -> None:
        """The answer that is being made is the last one."""
        if not self._is_idle():
            self.cycle.keep_alive = False

    def _enter(self, phase: _Phase) -> None:
        self._phase, self._since = phase, self.loop.time()

    def _take(self, data: bytes) -> None:
        self._beside_body += len(data)
        super().data_received(data)
        if self._beside_body > self.bounds.head_bytes and self._phase is not _Phase.READ:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _is_idle(self) -> bool:
        """Whether the last request is answered, or there was none."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _is_stalled(self, now: float) -> bool:
        left = self.transport.get_write_buffer_size()
        if left == 0 or left != self._unsent:
            self._unsent, self._sent_at = left, now
        return left > 0 and now - self._sent_at > self.bounds.stalled_seconds

    def _is_slow(self, now: float) -> bool:
        if self._is_idle():
            return now - self._since > self.bounds.head_seconds
        # Where we do not read, it is not the client who is slow.
        silent = 0.0 if self.flow.read_paused else now - self._heard
        late = silent > self.bounds.silent_seconds or now - self._since > self.bounds.body_seconds
        return self._phase is _Phase.BODY and late

    def _reset(self) -> None:
        """Close without a farewell: the system would go on trying to deliver what the client does not take."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _refuse(self, status: HTTPStatus) -> None:
        """Say what was wrong, where nothing else is being said, and close."""
        if self.transport.is_closing():
            return
        unanswered = self._phase is _Phase.BODY and not self.cycle.response_started
        if self.pipeline or not (unanswered or (self._phase is _Phase.HEAD and self._is_idle())):
            self.transport.abort()
        elif self._phase is _Phase.HEAD and not self._beside_body:
            self.transport.close()
        else:
            self.transport.write(_answer(status))
            self.transport.close()


def bounded(files: int, settings: Settings) -> type[BoundedProtocol]:
    """The protocol for a process that may hold ``files`` files: half of them are for connections."""
    bounds = Bounds(
        head_seconds=settings.header_seconds,
        stalled_seconds=settings.stalled_seconds,
        connections=min(Bounds().connections, files // 2),
    )
    return type("Bounded", (BoundedProtocol,), {"bounds": bounds})


async def finish_connections(connections: Collection[object], seconds: float) -> None:
    """Return when nobody has said anything for a moment; who says something gets an answer, and the connection ends."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    for one in list(connections):
        if isinstance(one, BoundedProtocol):
            type(one).leaving = True
            one.leave()
    while loop.time() < deadline and any(
        one.is_talking(loop.time()) for one in list(connections) if isinstance(one, BoundedProtocol)
    ):
        await asyncio.sleep(_LOOK_AGAIN)


def check_connections(connections: Iterable[object], now: float) -> None:
    """Close the ones that take longer than they may."""
    for one in list(connections):
        if isinstance(one, BoundedProtocol):
            one.check(now)


def raise_file_limit() -> int:
    """Let this process hold as many files and connections as the system allows it; returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return hard
    return soft


def _make_room(connections: set[BoundedProtocol], new: BoundedProtocol) -> bool:
    """Close the connection that has waited longest; returns whether there was one."""
    waits = {one: since for one in connections if one is not new and (since := one.waits_since()) is not None}
    if waits:
        min(waits, key=lambda one: waits[one]).transport.abort()
    return bool(waits)


def _answer(status: HTTPStatus) -> bytes:
    body = msgspec.json.encode(Problem(*_SENTENCES[status]))
    headers = [
        *ALWAYS,
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    lines = [f"HTTP/1.1 {status} {status.phrase}".encode(), *(b": ".join(header) for header in headers)]
    return b"\r\n".join([*lines, b"", body])
