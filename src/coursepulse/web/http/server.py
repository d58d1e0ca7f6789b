"""The HTTP server: its socket, its loop and what it does every second."""

from __future__ import annotations

import asyncio
import errno
import gc
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import cast

import uvicorn
from litestar.types import ControllerRouterHandler
from uvicorn._types import ASGIApplication

from coursepulse.kit import traces
from coursepulse.kit.errors import SettingError
from coursepulse.web.http.app import build
from coursepulse.web.http.connections import (
    BoundedProtocol,
    bounded,
    check_connections,
    finish_connections,
    raise_file_limit,
)
from coursepulse.web.http.error_pages import error_page
from coursepulse.web.http.services import Services

#: Seconds for open requests to end after a signal.
GRACE = 5

#: Bytes of an answer that the system takes before it can send them.
_UNSENT = 128 << 10

#: Turns of uvicorn's clock, ten a second, between two looks at the connections.
_LOOK = 10


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    :raises SettingError: when the port is taken or may not be used
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. asyncio sets it only where a socket names its protocol; without it the second packet of an
    # answer waits 40 ms for the client to acknowledge the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # The system would hold megabytes for a slow client; then nobody could tell a slow one from one that has stopped.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingError(
                f"Port {port} is taken; choose another with --port (make demo PORT=8080)."
            ) from None
        raise SettingError(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
    return listener


def serve(
    services: Services,
    routes: Sequence[ControllerRouterHandler],
    listener: socket.socket,
    ready: Callable[[str], object],
) -> None:
    """Answer requests at ``listener`` until a signal.

    :param ready: called with the URL as soon as requests are answered
    """
    host, port = listener.getsockname()[:2]
    app = build(services, routes, error_page=error_page)
    protocol = bounded(raise_file_limit(), services.settings)
    server = make_server(
        cast("ASGIApplication", app),
        protocol,
        lambda: ready(f"http://{host}:{port}"),
        services.live.end_all,
    )
    server.run(sockets=[listener])


def make_server(
    app: ASGIApplication,
    protocol: type[BoundedProtocol],
    ready: Callable[[], object],
    leave: Callable[[], object] = lambda: None,
) -> uvicorn.Server:
    """The server of an application.

    :param leave: called when it stops taking requests, to end answers that would never end by themselves
    """
    config = uvicorn.Config(
        app,
        # Not uvloop: it keeps the interpreter lock while it writes to a socket, and the process that reads there
        # wakes up and takes the processor from it. The pipeline waits for that lock (docs/development/measurements.md).
        loop="asyncio",
        http=protocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=GRACE,
        server_header=False,
    )
    return _Server(config, ready, leave)


#: Allocations between two collections of cyclic garbage.
_ALLOCATIONS = 100_000


class _Server(uvicorn.Server):
    """Says when it is ready, and leaves signal handling of the rest of the process alone afterwards."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], object], leave: Callable[[], object]
    ) -> None:
        super().__init__(config)
        self._ready, self._leave = ready, leave

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        # Modules, schemas and routes stay: each full collection walked over them for 0.1 s, and every thread waited.
        gc.freeze()
        # Batches are lists of many small tuples, and next to nothing of them is a cycle: at the usual 700 allocations
        # between two collections, these took a quarter of the time of stream processors.
        gc.set_threshold(_ALLOCATIONS, 10, 10)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leave()
        # Who has connected by now is let in, and nobody else; what they say is answered before connections are closed.
        await self._let_in(self._stop_listening(sockets or ()))
        await finish_connections(self.server_state.connections, GRACE)
        await super().shutdown(sockets=sockets)
        # A signal may end the process right afterwards.
        if tracer := traces.current():
            await asyncio.to_thread(tracer.flush)

    def _stop_listening(self, sockets: Sequence[socket.socket]) -> list[socket.socket]:
        """Close the listeners; returns the connections that waited there.

        The system resets what still waits when a listener is closed, so nothing else may happen in between.
        """
        waiting = [connection for each in sockets for connection in _accept_all(each)]
        for server in self.servers:
            server.close()
        for each in sockets:
            each.close()
        return waiting

    async def _let_in(self, connections: Sequence[socket.socket]) -> None:
        loop = asyncio.get_running_loop()
        for each in connections:
            await loop.connect_accepted_socket(self._connect, each)
        # The loop needs two turns for a connection that it has accepted itself.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _connect(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def on_tick(self, counter: int) -> bool:
        if counter % _LOOK == 0:
            check_connections(self.server_state.connections, asyncio.get_running_loop().time())
        return await super().on_tick(counter)


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    """The connections that wait at a listener, which does not block."""
    with suppress(BlockingIOError, ConnectionAbortedError):
        while True:
            connection, _ = listener.accept()
            connection.setblocking(False)
            yield connection
