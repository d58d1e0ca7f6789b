"""What single components can do alone on this machine, measured in the same run as the figure beside them."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from coursepulse.aggregates.rollups import Rollups
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.collect.keys import SCOPES, Key
from coursepulse.collect.request_context import RequestContext
from coursepulse.collect.steps import STEPS, Resources
from coursepulse.events.decode import decode
from coursepulse.events.event import Event
from coursepulse.kit.clock import system_clock
from coursepulse.kit.settings import Settings
from coursepulse.log.port import Block
from coursepulse.log.positions import from_number
from coursepulse.log.sqlite import SqliteLog
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.raw import PostgresRawStore

BATCHES = 40
SIZE = 1_000
BLOCK = 10_000


class _EveryoneAgrees:
    """Consent in benchmarks of a single component."""

    def allows(self, student: bytes, purpose: Purpose) -> bool:  # noqa: ARG002 - the port's signature
        return True


def validation(crowd: Crowd) -> float:
    """Events/s that one core takes from JSON to typed events."""
    texts = list(itertools.islice(bodies(crowd, SIZE), BATCHES))
    return _rate(BATCHES * SIZE, lambda: [decode(text) for text in texts])


def append(crowd: Crowd) -> float:
    """Events/s made durable in the SQLite log, four batches of 1,000 waiting at a time."""
    batches = [canonical(body) for body in itertools.islice(bodies(crowd, SIZE), BATCHES)]
    with tempfile.TemporaryDirectory() as folder:
        log = SqliteLog(Path(folder) / "log.sqlite")

        def work() -> None:
            for first in range(0, BATCHES, 4):
                for done in [log.append(batch) for batch in batches[first : first + 4]]:
                    done.result()

        rate = _rate(BATCHES * SIZE, work)
        log.close()
    return rate


def copy_rows(crowd: Crowd) -> float:
    """Events/s into PostgreSQL: look-up of duplicates, copy and commit, nothing else."""
    blocks = [Block(from_number(number), events) for number, events in enumerate(_blocks(crowd), 1)]
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        with postgres.open_pool(server.start()) as pool:
            postgres.migrate(pool)
            raw = PostgresRawStore(pool)
            raw.prepare(system_clock())
            rate = _rate(BLOCK * len(blocks), lambda: [raw.write([block]) for block in blocks])
        server.stop()
    return rate


def insert_events(crowd: Crowd) -> float:
    """Events/s into the ClickHouse table of events, without rollups."""
    blocks = _blocks(crowd)
    folder = tempfile.mkdtemp(prefix="coursepulse-bench-")  # the engine keeps it open until this process ends
    client = clickhouse.open_clickhouse(f"chdb://{folder}", 512)
    clickhouse.migrate(client)
    rollups = Rollups(client)

    def work() -> None:
        for events in blocks:
            rollups.insert(events)

    return _rate(BLOCK * len(blocks), work)


def canonical(body: bytes) -> list[Event]:
    """The events of a body as the collector writes them to the log."""
    context = RequestContext(body, False, Key("bench", SCOPES), "127.0.0.1", system_clock())
    resources = Resources(Settings(), Pseudonyms(b"a secret for benchmarks"), _EveryoneAgrees(), lambda: 0)
    for step in STEPS:
        step(resources, context)
    return [candidate.event for candidate in context.candidates]


def _blocks(crowd: Crowd) -> list[list[Event]]:
    events = itertools.chain.from_iterable(map(canonical, itertools.islice(bodies(crowd, SIZE), 100)))
    return [list(itertools.islice(events, BLOCK)) for _ in range(10)]


def _rate(events: int, work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return events / (time.monotonic() - began)
