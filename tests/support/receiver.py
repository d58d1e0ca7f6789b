"""A real HTTP receiver on loopback, which answers as a test says."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Received(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """What arrived.

    :param statuses: what the next requests are answered, in order; then 204
    :param location: where redirects lead
    :param seconds: how long it takes to answer
    :param answering: while it is cleared, nobody is answered
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Received] = []
        self.statuses: list[int] = []
        self.location = ""
        self.seconds = 0.0
        self.answering = threading.Event()
        self.answering.set()

    @property
    def ids(self) -> list[str]:
        """The ids of the messages."""
        return [each.headers["webhook-id"] for each in self.requests]


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Listens until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.requests.append(Received(self.path, headers, self.rfile.read(length)))
            time.sleep(found.seconds)
            found.answering.wait(60)
            status = found.statuses.pop(0) if found.statuses else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", found.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_error(self, *_: object) -> None:
            pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    found = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
