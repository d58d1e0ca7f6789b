"""The collector and the roster over real HTTP, on a real log and a real PostgreSQL; no pipeline behind them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn
from litestar import Litestar

from coursepulse.campus.catalog import CampusCatalog
from coursepulse.collect.collector import Collector
from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.dead_letters import SqliteDeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import Key, KeyRing
from coursepulse.collect.worker import LocalWorker
from coursepulse.events.event import Event
from coursepulse.jobs.scheduler import Job, Scheduler
from coursepulse.kit.clock import Clock
from coursepulse.kit.settings import Settings
from coursepulse.log.port import EventLog
from coursepulse.log.positions import start
from coursepulse.log.sqlite import SqliteLog
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.board_names import BoardNames
from coursepulse.store.postgres.campus import CampusStore, ConsentFeed
from coursepulse.store.postgres.company import CompanyStore
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.goals import GoalStore
from coursepulse.store.postgres.message_templates import MessageTemplates
from coursepulse.store.postgres.risk_limits import CourseLimits
from coursepulse.store.postgres.trail import PostgresTrail
from coursepulse.web.http.app import build
from coursepulse.web.ingest import events_api
from coursepulse.web.roster import api as roster_api
from coursepulse.web.roster import company_api, deliveries_api, goals_api
from tests.support.services import wire
from tests.support.trail import open_trail

KEY = "a key with every scope"
POOR_KEY = "a key that may only read"


class Campus(NamedTuple):
    """A collector and a roster that listen."""

    url: str
    log: EventLog
    catalogs: list[CampusCatalog]
    trail: PostgresTrail

    def stored(self) -> Iterator[Event]:
        """Everything in the log."""
        after = start()
        while blocks := self.log.read(after, 20_000):
            yield from (event for block in blocks for event in block.events)
            after = blocks[-1].position


@contextmanager
def listening(pool: Pool, folder: Path, clock: Clock) -> Iterator[Campus]:
    """A server in a thread of this process."""
    settings = Settings(data=folder)
    log = SqliteLog(folder / "log" / "events.sqlite", clock=clock)
    dead_letters = SqliteDeadLetterQueue(folder / "letters.sqlite")
    pseudonyms, consents = Pseudonyms(b"a secret of the tests"), ConsentFile(folder / "consents.bin")
    keys = KeyRing(
        [
            (KEY, Key("all", frozenset({"ingest", "backfill", "roster", "read"}))),
            (POOR_KEY, Key("poor", frozenset({"read"}))),
        ]
    )
    catalogs: list[CampusCatalog] = []
    collector = Collector(
        log=log,
        keys=keys,
        worker=LocalWorker(
            log=log,
            pseudonyms=pseudonyms,
            consents=consents.register,
            dead_letters=dead_letters,
            clock=clock,
            settings=settings,
        ),
        dead_letters=dead_letters,
        keeping=Keeping(pseudonyms, consents.register, settings),
        clock=clock,
        settings=settings,
    )
    campus = CampusStore(pool, pseudonyms, catalogs.append)
    trail = open_trail(pool, folder)
    services = wire(
        settings=settings,
        clock=clock,
        collector=collector,
        campus=campus,
        board_names=BoardNames(pool),
        goals=GoalStore(pool),
        messages=MessageTemplates(pool),
        risk_limits=CourseLimits(pool),
        company=CompanyStore(pool, pseudonyms),
        trail=trail,
    )
    # Wired before anything runs: should that fail, no thread is left behind.
    roster = [*roster_api.routes, *goals_api.routes, *company_api.routes, *deliveries_api.routes]
    app = build(services, [*events_api.routes, *roster])
    scheduler = Scheduler([Job("consents", 0.2, ConsentFeed(pool, consents.record).poll)])
    scheduler.start()
    with _serving(app) as url:
        yield Campus(url, log, catalogs, trail)
        scheduler.stop()
    trail.close()
    dead_letters.close()
    log.close()


@contextmanager
def _serving(app: Litestar) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
