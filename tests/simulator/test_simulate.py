"""A campus sent through a real collector."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coursepulse.cli.simulate import run
from coursepulse.client.local_server import listens
from coursepulse.kit.clock import DAY, to_micros
from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.simulator.campus import SimulatedCampus
from coursepulse.simulator.sender import Sender
from coursepulse.simulator.simulate import click, load
from coursepulse.store.postgres.connect import Pool
from tests.support.campus import KEY, Campus, listening

NOW = to_micros(datetime(2026, 4, 15, 16, 30, tzinfo=UTC))


@pytest.fixture
def campus(pool: Pool, tmp_path: Path) -> Iterator[Campus]:
    with listening(pool, tmp_path, lambda: NOW) as campus:
        yield campus


def make() -> SimulatedCampus:
    return SimulatedCampus.make(seed=5, students=60, courses=6, days=20, now=NOW)


def test_the_whole_campus_goes_through_the_collector(campus: Campus) -> None:
    seen: list[int] = []
    loaded = load(campus.url, KEY, make(), seen.append)
    events = [event for body in make().history() for event in msgspec.json.decode(body)]
    assert loaded.events == len(events) == seen[-1]
    assert loaded.accepted + loaded.rejected["no_consent"] == loaded.events
    assert set(loaded.rejected) <= {"no_consent"}
    assert loaded.accepted > loaded.events * 0.9
    assert sum(1 for _ in campus.stored()) == loaded.accepted
    assert loaded.people == len(campus.catalogs[-1].students)


def test_no_platform_id_reaches_the_log(campus: Campus) -> None:
    load(campus.url, KEY, make())
    known = {person.external_id.encode() for person in make().people()}
    assert not {event.student_id for event in campus.stored()} & known
    assert not any(
        external in event.payload for event in campus.stored() for external in (b"maria", b"lopez")
    )


def test_clicking_sends_the_present_until_it_is_stopped(campus: Campus) -> None:
    stop, simulated = threading.Event(), make()
    load(campus.url, KEY, simulated)
    before = sum(1 for _ in campus.stored())
    asked = iter(range(1, 10_000))

    def clock() -> int:
        # Days ahead of the ticks, so that nothing is waited for, however seldom anybody of so few comes.
        number = next(asked)
        if number > 400:
            stop.set()
        return NOW if number == 1 else NOW + 30 * DAY

    sent = click(campus.url, KEY, simulated, 2.0, stop, clock)
    assert sent > 15
    assert sum(1 for _ in campus.stored()) > before


class _Moody(BaseHTTPRequestHandler):
    """Busy twice, then content."""

    moods: Iterator[int] = iter(())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status = next(self.moods)
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "1")
        body = b'{"accepted":1,"rejected":[]}' if status == 202 else b'{"code":"no"}'
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def moody() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Moody)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_busy_server_is_asked_again(moody: str) -> None:
    _Moody.moods = iter([503, 429, 202])
    with Sender(moody, "key") as sender:
        assert sender.post(b"[]").accepted == 1


def test_a_refusal_is_final(moody: str) -> None:
    _Moody.moods = iter([403])
    with Sender(moody, "key") as sender, pytest.raises(RequestError, match="403"):
        sender.post(b"[]")


def test_a_server_that_stays_away_is_given_up() -> None:
    with (
        Sender("http://127.0.0.1:9", "key", patience=0.5) as sender,
        pytest.raises(RequestError, match="reached"),
    ):
        sender.post(b"[]")


@pytest.mark.parametrize(
    ("now", "days", "said"),
    [
        ("soon", 20, "must be a moment"),
        ("9999-12-31T23:59:59-14:00", 20, "must be a moment"),
        ("9999-12-31", 20, "between 1970 and 2100"),
        ("0001-01-01", 20, "between 1970 and 2100"),
        (None, 1_000_000_000, "between 1970 and 2100"),
    ],
)
def test_a_campus_outside_the_calendar_is_refused_in_one_sentence(
    now: str | None, days: int, said: str
) -> None:
    with pytest.raises(SettingError, match=said):
        run("", "", students=1, courses=1, days=days, seed=1, now=now, rate=0, history=True)


def test_whether_anything_listens_is_known_before_the_first_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        url = f"http://127.0.0.1:{there.getsockname()[1]}"
        assert listens(url)
    assert not listens(url)
