"""What a connection may take: bytes before anybody knows who speaks, and time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from coursepulse.web.http.connections import BoundedProtocol, Bounds
from coursepulse.web.http.server import bind, make_server

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"

#: The system takes part of an answer, the server's own buffer another; this is more than both.
LONG = 8 << 20


class Hurried(BoundedProtocol):
    bounds = Bounds(
        head_seconds=0.5, silent_seconds=0.5, body_seconds=1.5, stalled_seconds=0.5, connections=40
    )


async def answer(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    if scope["type"] != "http":
        return
    path, size, more = scope["path"], 0, True
    while more and path != "/unread":
        message = await receive()
        if message["type"] != "http.request":
            return
        size, more = size + len(message["body"]), message.get("more_body", False)
    body = bytes(LONG) if path == "/long" else b"got %d" % size
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """A server in a hurry."""
    ready = threading.Event()
    with bind("127.0.0.1", 0) as listener:
        server = make_server(answer, Hurried, ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert ready.wait(10)
        yield listener.getsockname()
        server.should_exit = True
        thread.join(10)


def dial(address: tuple[str, int]) -> socket.socket:
    line = socket.create_connection(address)
    line.settimeout(10)
    return line


def listen(line: socket.socket) -> bytes:
    """Everything that still comes until the server closes."""
    heard = b""
    try:
        while piece := line.recv(65536):
            heard += piece
    except ConnectionError:
        pass
    return heard


def speak(address: tuple[str, int], *pieces: bytes) -> bytes:
    """Say all of it or as much as is listened to, and hear what the server says until it closes."""
    with dial(address) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
        except ConnectionError:
            pass
        return listen(line)


def test_a_request_within_the_bounds_is_answered(address: tuple[str, int]) -> None:
    body = bytes(100_000)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000\r\n"
    many = b"".join(b"X-%d: %s\r\n" % (number, b"v" * 200) for number in range(90))
    assert speak(address, head, many, b"\r\n", body).endswith(b"got 100000")


def test_two_requests_in_one_packet_are_both_answered(address: tuple[str, int]) -> None:
    assert speak(address, GET + b"\r\n" + GET + b"Connection: close\r\n\r\n").count(b"200 OK") == 2


def test_a_wish_for_another_protocol_is_passed_over(address: tuple[str, int]) -> None:
    asked = GET + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    with dial(address) as line:
        line.sendall(asked)
        assert line.recv(65536).startswith(b"HTTP/1.1 200")


TOO_MUCH = {
    "a huge header in one piece": [GET + b"X: " + bytes(200_000) + b"\r\n\r\n"],
    "a huge header in many": [GET + b"X: ", *[b"v" * 1000] * 200, b"\r\n\r\n"],
    "headers without end": [GET, *[b"X: " + b"v" * 1000 + b"\r\n"] * 200],
    "a name without end": [GET, *[b"v" * 1000] * 200],
    "an address without end": [b"GET /", *[b"v" * 1000] * 200],
    "many small headers": [GET, b"X: y\r\n" * 101, b"\r\n"],
    "many small headers in a bad order": [b"GET / HTTP/1.1\r\n", b"X: y\r\n" * 99, GET[16:], b"A: b\r\n\r\n"],
}


@pytest.mark.parametrize("pieces", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_head_that_says_too_much_is_refused(address: tuple[str, int], pieces: list[bytes]) -> None:
    heard = speak(address, *pieces)
    # A client that goes on talking may lose the answer to it: that it is cut off is what counts.
    assert not heard or heard.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))


def test_the_refusal_has_the_form_of_every_error(address: tuple[str, int]) -> None:
    heard = speak(address, GET + b"X: y\r\n" * 101 + b"\r\n")
    head, _, body = heard.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431")
    assert b"nosniff" in head
    assert body.startswith(b'{"code":"headers_too_large","sentence":"')


def test_what_follows_a_body_counts_like_a_head(address: tuple[str, int]) -> None:
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    heard = speak(address, chunked, b"0\r\n", *[b"X: " + b"v" * 1000 + b"\r\n"] * 200)
    assert b"200 OK" not in heard
    heard = speak(address, chunked, b"1;", *[b"e" * 1000] * 200)
    assert b"200 OK" not in heard


def test_more_requests_at_once_than_anybody_sends_are_not_kept(address: tuple[str, int]) -> None:
    assert speak(address, (GET + b"\r\n") * 5000).count(b"200 OK") < 100


def test_who_is_too_slow_is_closed(address: tuple[str, int]) -> None:
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    unread = b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"
    slow = {
        "says nothing": (b"", b"", b""),
        "headers a letter at a time": (GET, b"X", b"HTTP/1.1 408"),
        "blank lines": (b"", b"\r\n", b"HTTP/1.1 408"),
        "blank lines after a request": (GET + b"\r\n", b"\r\n", b"HTTP/1.1 200"),
        "a body that stops": (post + b"x", b"", b"HTTP/1.1 408"),
        "a body nobody reads": (unread, b"x", b"HTTP/1.1 200"),
    }
    with ExitStack() as open_lines:
        lines = {name: open_lines.enter_context(dial(address)) for name in slow}
        for name, line in lines.items():
            line.sendall(slow[name][0])
        threads = [
            threading.Thread(target=_drip, args=(lines[name], slow[name][1]), daemon=True) for name in slow
        ]
        for thread in threads:
            thread.start()
        heard = {name: listen(line) for name, line in lines.items()}
    assert {name: said[:12] for name, said in heard.items()} == {
        name: said for name, (_, _, said) in slow.items()
    }


def test_a_body_that_never_ends_is_closed_however_steadily_it_drips(address: tuple[str, int]) -> None:
    with dial(address) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n")
        threading.Thread(target=_drip, args=(line, b"x"), daemon=True).start()
        assert listen(line).startswith(b"HTTP/1.1 408")


def test_who_takes_nothing_of_an_answer_is_closed(address: tuple[str, int]) -> None:
    with dial(address) as line:
        line.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.8)
        assert len(listen(line)) < LONG


def test_who_takes_an_answer_slowly_gets_all_of_it(address: tuple[str, int]) -> None:
    with dial(address) as line:
        line.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        heard = b""
        for _ in range(8):
            heard += line.recv(400_000)
            time.sleep(0.2)
        assert len(heard + listen(line)) > LONG


def test_of_too_many_connections_the_one_goes_that_has_waited_longest(address: tuple[str, int]) -> None:
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(dial(address)) for _ in range(60)]
        lines[-1].sendall(GET + b"Connection: close\r\n\r\n")
        assert listen(lines[-1]).startswith(b"HTTP/1.1 200")


def _drip(line: socket.socket, what: bytes) -> None:
    try:
        while what:
            line.sendall(what)
            time.sleep(0.1)
    except OSError:
        pass
