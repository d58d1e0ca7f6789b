"""A collector with everything behind it but the databases, and a real server in front of it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar import Litestar

from coursepulse.collect.collector import Collector
from coursepulse.collect.dead_letters import SqliteDeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import BACKFILL, INGEST, LOCAL_SCOPES, READ, SCOPES, Key, KeyRing
from coursepulse.collect.worker import PIPELINE, LocalWorker
from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros, to_micros
from coursepulse.kit.settings import Settings
from coursepulse.log.port import EventLog
from coursepulse.log.positions import start
from coursepulse.log.sqlite import SqliteLog
from coursepulse.privacy.consent import ConsentDecision, ConsentRegister, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.web.http import health
from coursepulse.web.http.app import build
from coursepulse.web.ingest import dead_letters_api, events_api
from tests.support.services import wire
from tests.support.trail import Notes

NOW = "2026-03-02T12:00:00Z"


def micros(text: str) -> Micros:
    return to_micros(datetime.fromisoformat(text))


KEYS = KeyRing(
    [
        ("sender", Key("sender", frozenset({INGEST}))),
        ("importer", Key("importer", frozenset({INGEST, BACKFILL}))),
        ("reader", Key("reader", frozenset({READ}))),
        ("everything", Key("everything", SCOPES)),
        ("local", Key("local", LOCAL_SCOPES)),
    ]
)


class CollectorHarness:
    """A running server; ``now`` can be set. ``ann`` agreed to analytics, ``ben`` did not."""

    def __init__(self, directory: Path, log: EventLog, settings: Settings) -> None:
        self.url = ""
        self.now = micros(NOW)
        self.log = log
        self.settings = settings
        self.names = Pseudonyms(b"a secret for tests")
        self.consents = ConsentRegister()
        self.consents.apply([ConsentDecision(self.names.of("ann"), Purpose.ANALYTICS, granted=True)])
        self.dead_letters = SqliteDeadLetterQueue(directory / "dead_letters.sqlite")
        self.worker = LocalWorker(
            log=log,
            pseudonyms=self.names,
            consents=self.consents,
            dead_letters=self.dead_letters,
            clock=self.clock,
            settings=settings,
        )
        self.collector = Collector(
            log=log,
            keys=KEYS,
            worker=self.worker,
            dead_letters=self.dead_letters,
            keeping=Keeping(self.names, self.consents, settings),
            clock=self.clock,
            settings=settings,
        )
        self.trail = Notes()
        self.http = httpx.Client(headers={"Authorization": "Bearer sender"}, timeout=60)

    def clock(self) -> Micros:
        return self.now

    def app(self) -> Litestar:
        """The application with the routes of the collector."""
        services = wire(
            settings=self.settings,
            clock=self.clock,
            collector=self.collector,
            trail=self.trail,
        )
        return build(services, [*events_api.routes, *dead_letters_api.routes, *health.routes])

    def post(self, content: bytes | str, key: str = "sender", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(
            "/v1/events", content=content, headers={"Authorization": f"Bearer {key}", **named}
        )

    def send(self, *events: dict[str, Any], key: str = "sender") -> dict[str, Any]:
        """The receipt for an array of events."""
        answer = self.post(json.dumps(events), key)
        assert answer.status_code == 202, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def stored(self) -> list[Event]:
        """Every event in the log."""
        return [event for block in self.log.read(start(), 1 << 62) for event in block.events]

    def catch_up(self) -> None:
        """Let the pipeline finish everything."""
        for position in self.log.newest():
            self.log.commit(PIPELINE, position)


def event(**changes: Any) -> dict[str, Any]:
    """A good event, or one with ``changes``; a change to None leaves the field out."""
    whole = {
        "event_id": "e-1",
        "event_type": "lesson_start",
        "timestamp": NOW,
        "student_id": "ann",
        "session_id": "visit-1",
        "context": {"course_id": "algebra", "lesson_id": "lesson-1"},
        "payload": {},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


@contextmanager
def collector_harness(directory: Path, *, max_pages: int = 0, **chosen: Any) -> Iterator[CollectorHarness]:
    """A collector on a free port of this machine, until the block ends."""
    log = SqliteLog(directory / "events.sqlite", max_pages=max_pages)
    built = CollectorHarness(directory, log, Settings(data=directory, **chosen))
    with running(built.app()) as url:
        built.url = url
        built.http.base_url = httpx.URL(url)
        yield built
    built.http.close()
    built.dead_letters.close()
    log.close()


@contextmanager
def running(app: Any, port: int = 0) -> Iterator[str]:
    """The base URL of ``app`` on a real server in a thread."""
    listener = socket.create_server(("127.0.0.1", port))
    # A page that a browser has left open would keep it for ever.
    config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
