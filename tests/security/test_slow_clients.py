"""Clients that send without end, or take nothing of what they asked for: the server stays small and quick."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from coursepulse.store.presence import find
from coursepulse.web.http.connections import raise_file_limit
from tests.support.browsing import sign_in
from tests.support.server import Platform, platform, wait_until

PASSWORD = "a password of the tests"

#: Entries of the trail: an export of them is many times what sockets and the server hold for a slow client.
ENTRIES = 6_000

#: What the server may grow by, in KiB, while others send without end: what they sent is several times as much.
GROWTH = 48 << 10

HALF = b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Half: "


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A server with little patience and a long trail."""
    folder = tmp_path_factory.mktemp("patience")
    chosen = {"api_keys": "auditor:audit-secret:audit", "header_seconds": 2, "stalled_seconds": 4}
    with platform(folder, **chosen) as sender:
        made = {"login_name": "root", "role": "admin", "password": PASSWORD}
        sender.http.post("/v1/accounts", json=made).raise_for_status()
        now = datetime.now(UTC).isoformat()
        row = {"purpose": "analytics", "granted": True, "text_version": "1", "at": now}
        rows = [row | {"external_id": f"many-{number}"} for number in range(ENTRIES)]
        sender.http.put("/v1/consents", json=rows).raise_for_status()
        # The server closes what idles, and might do so just as we ask again.
        sender.http.headers["Connection"] = "close"
        yield sender


def dial(server: Platform, receives: int = 0) -> socket.socket:
    """A connection; ``receives`` limits what the system takes for it unasked."""
    line = socket.socket()
    if receives:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    address = urlsplit(server.server.url)
    line.settimeout(10)
    line.connect((address.hostname, address.port))
    return line


def is_open(line: socket.socket) -> bool:
    """Whether the other side has not closed: the state of the connection is the first byte of what the system says."""
    established = 1
    return line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == established


def wait_until_closed(lines: list[socket.socket]) -> None:
    wait_until(lambda: not any(map(is_open, lines)), timeout=15)


@pytest.mark.long
def test_downloads_that_nobody_takes_hold_nobody_up_and_end(server: Platform) -> None:
    asked = (
        b"GET /v1/audit/export?format=jsonl HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer audit-secret\r\n\r\n"
    )
    with ExitStack() as open_lines:
        root = open_lines.enter_context(closing(sign_in(server.server.url, "root", PASSWORD)))
        root.headers["Connection"] = "close"
        stalled = [open_lines.enter_context(dial(server, receives=4096)) for _ in range(8)]
        for line in stalled:
            line.sendall(asked)
        assert [line.recv(12) for line in stalled] == [b"HTTP/1.1 200"] * 8
        # Were they to hold what the others need, these would get 503 long before the downloads are cut off.
        answered = others(server, root)
        assert answered == [200] * len(answered)
        wait_until_closed(stalled)
        assert not any(listen(line).endswith(b"0\r\n\r\n") for line in stalled), "nobody got all of it"


def others(server: Platform, root: httpx.Client) -> list[int]:
    """What everybody else is answered: numbers, pages, and whatever reads or writes the trail itself."""
    many = [server.http.get("/v1/metrics/clicks", params={"course": f"slow-{n}"}) for n in range(8)]
    pages = [root.get(path) for path in ("/", "/admin/users", "/admin/audit")]
    key = {"Authorization": "Bearer audit-secret"}
    found = httpx.get(f"{server.server.url}/v1/audit", params={"limit": "5"}, headers=key, timeout=60)
    return [answer.status_code for answer in (*many, *pages, found)]


def listen(line: socket.socket) -> bytes:
    """What still comes."""
    heard = b""
    try:
        while piece := line.recv(65536):
            heard += piece
    except ConnectionError:
        pass
    return heard


def memory(server: Platform) -> int:
    """Resident memory of the server's process in KiB."""
    there = find(server.data)
    assert there
    (line,) = [
        line
        for line in Path(f"/proc/{there.pid}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    ]
    return int(line.split()[1])


def pour(server: Platform, head: bytes, piece: bytes, times: int) -> int:
    """Send ``piece`` again and again until the server will not have it; returns the most memory seen meanwhile."""
    most = 0
    with dial(server) as line:
        try:
            line.sendall(head)
            for _ in range(times):
                line.sendall(piece)
                most = max(most, memory(server))
        except OSError:
            pass
    return max(most, memory(server))


def test_what_never_ends_takes_no_memory(server: Platform) -> None:
    server.http.get("/v1/health").raise_for_status()
    before = memory(server)
    line = b"X-Line: " + b"v" * 1000 + b"\r\n"
    attacks: dict[str, Callable[[], int]] = {
        "headers without end": lambda: pour(server, HALF + b"\r\n", line * 1000, 100),
        "a header of 100 MB": lambda: pour(server, HALF, b"v" * (1 << 20), 100),
    }
    grown = {name: attack() - before for name, attack in attacks.items()}
    assert {name: most for name, most in grown.items() if most > GROWTH} == {}


def test_half_requests_take_little_memory_and_are_closed(server: Platform) -> None:
    raise_file_limit()
    server.http.get("/v1/health").raise_for_status()
    before = memory(server)
    with ExitStack() as open_lines:
        began = time.monotonic()
        halves = []
        for _ in range(1000):
            halves.append(open_lines.enter_context(dial(server)))
            halves[-1].sendall(HALF + b"v" * 10_000)
        assert server.http.get("/v1/health").status_code == 200
        grown = memory(server) - before
        wait_until_closed(halves)
        assert time.monotonic() - began > 1.0, "they were closed by their time and by nothing else"
        assert {half.recv(12) for half in halves} == {b"HTTP/1.1 408"}
    assert grown < GROWTH
    assert server.http.get("/v1/health").status_code == 200
