"""SIGTERM to a collector under load: requests that it took get an answer, and nothing acknowledged is lost."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from coursepulse.client.local_server import Server as Address
from coursepulse.client.local_server import launch, wait_for
from coursepulse.kit.ids import to_text
from coursepulse.kit.settings import Settings
from coursepulse.log import open_log
from coursepulse.log.positions import start
from tests.faults.senders import STUDENTS, make_event
from tests.support.postgres import Server
from tests.support.server import Platform

pytestmark = pytest.mark.slow

#: Seconds that a process may take to end (docs/how-to/workers.md).
LIMIT = 20.0


class Load(threading.Thread):
    """Sends batch after batch until nobody listens any more, each over a connection of its own or all over one.

    :param kept: over one connection, as platforms do
    """

    def __init__(self, server: Address, seed: int, *, kept: bool) -> None:
        super().__init__(daemon=True)
        self._server, self._rng, self._kept = server, random.Random(seed), kept
        self.acknowledged: set[str] = set()
        self.cut_off: list[str] = []
        self._answered_at, self._was_idle = 0.0, False

    def run(self) -> None:
        """Until the address refuses connections."""
        while True:
            with httpx.Client(
                base_url=self._server.url, headers={"Authorization": f"Bearer {self._server.key}"}, timeout=30
            ) as http:
                self._answered_at = 0.0
                try:
                    self._send(http)
                    while self._kept:
                        self._send(http)
                except httpx.ConnectError:
                    return
                except httpx.TransportError as error:
                    if not self._was_idle:
                        self.cut_off.append(repr(error))

    def _send(self, http: httpx.Client) -> None:
        batch = [make_event(self._rng) for _ in range(20)]
        # A server may close a connection over which nothing was said (RFC 9112, 9.5), also while the next word is on
        # its way: a busy machine keeps a thread from speaking.
        self._was_idle = 0 < self._answered_at < time.monotonic() - 0.2
        answer = http.post("/v1/events", json=batch)
        self._answered_at = time.monotonic()
        assert answer.status_code in (202, 503), answer.text
        if answer.status_code == 202:
            self.acknowledged |= {event["event_id"] for event in batch}


class Collecting(NamedTuple):
    """A collector that shares its databases and its log with nobody yet."""

    settings: Settings
    dsn: str


@pytest.fixture
def collecting(tmp_path: Path, postgres_server: Server) -> Iterator[Collecting]:
    with postgres_server.database() as dsn:
        yield Collecting(
            Settings(
                data=tmp_path / "collector",
                roles="collect",
                postgres=dsn,
                log=f"sqlite://{tmp_path / 'log' / 'events.sqlite'}?partitions=4",
                pseudonym_secret="a secret of a collector that drains",
            ),
            dsn,
        )


def logged(settings: Settings) -> set[str]:
    """The ids of all events in the log."""
    log = open_log(settings.log_url)
    try:
        return {
            to_text(event.event_id)
            for partition in range(log.partitions)
            for block in log.read(start(partition), 1_000_000)
            for event in block.events
        }
    finally:
        log.close()


def test_a_collector_that_is_told_to_end_answers_all_that_it_took(collecting: Collecting) -> None:
    settings = collecting.settings
    process = launch(settings, "--port", "0")
    with ExitStack() as stack:
        stack.callback(process.wait)
        stack.callback(process.kill)
        server = wait_for(process, settings)
        sender = Platform(server, settings.data)
        stack.callback(sender.close)
        (settings.data / "pseudonym.key").write_text(settings.pseudonym_secret)
        sender.agree(*STUDENTS)
        load = [Load(server, seed, kept=seed % 2 == 0) for seed in range(4)]
        for each in load:
            each.start()
        time.sleep(1.5)
        began = time.monotonic()
        process.terminate()
        assert process.wait(LIMIT) == 0
        assert time.monotonic() - began < LIMIT
        for each in load:
            each.join(30)
    assert [error for each in load for error in each.cut_off] == []
    acknowledged = set[str]().union(*(each.acknowledged for each in load))
    assert len(acknowledged) > 100
    assert acknowledged <= logged(settings)
