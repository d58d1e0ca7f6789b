"""How long it takes to forget one student when 10 million events are stored."""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import date
from hashlib import md5
from pathlib import Path

from clickhouse_connect.driver.client import Client
from rich.progress import track

from coursepulse.bench.filled import SQL, Shape, fill, remove
from coursepulse.bench.result import Line, Report
from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.dead_letters import SqliteDeadLetters
from coursepulse.kit.clock import system_clock
from coursepulse.log.sqlite import SqliteLog
from coursepulse.metrics.rollups import Rollups
from coursepulse.privacy.erasable import Mode
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.archives import Archives
from coursepulse.store.clickhouse.connect import open_clickhouse
from coursepulse.store.clickhouse.dimensions import Dimensions
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.raw import RawStore
from coursepulse.store.postgres.records import Records
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.store.postgres.retention import RetentionRuns
from coursepulse.store.spools import SpoolErasure
from coursepulse.stream.pipeline import Pipeline
from coursepulse.wiring.erasure import Erasures, Stores
from coursepulse.wiring.privacy import ERASURE, PrivacyDesk

SHAPE = Shape(10_000_000, 50_000, date(2026, 2, 10), 28)

#: Two students with events on most of the days; one is anonymised, the other deleted.
STUDENTS = {Mode.ANONYMISE: "student-1", Mode.DELETE: "student-2"}


def run() -> Report:
    """From taking the request up to the receipt, in both modes, with the bytes written anew."""
    client, folder = fill(SHAPE)
    Rollups(client).refresh_platform(SHAPE.every_day, 1)
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coursepulse-bench-")))
        pool = _open_postgres(stack, data)
        _fill_raw(pool)
        stores = _open_stores(stack, data, pool, f"chdb://{folder}")
        lines = [_time(stores, mode, student) for mode, student in STUDENTS.items()]
    remove(folder)
    return Report("erasure", lines)


def _open_postgres(stack: ExitStack, data: Path) -> Pool:
    server = EmbeddedPostgres(data / "postgres")
    stack.callback(server.stop)
    pool = stack.enter_context(postgres.open_pool(server.start()))
    postgres.migrate(pool)
    return pool


def _fill_raw(pool: Pool) -> None:
    days = SHAPE.every_day[:-1]
    with pool.connection() as connection:
        connection.execute(SQL["make_days"], {"days": days})
        for day in track(days, "raw events", transient=True):
            values = {"day": day, "events": SHAPE.events // len(days), "students": SHAPE.students}
            connection.execute(SQL["fill_raw"], values)


def _open_stores(stack: ExitStack, data: Path, pool: Pool, clickhouse: str) -> Stores:
    log, letters = SqliteLog(data / "log.sqlite"), SqliteDeadLetters(data / "letters.sqlite")
    stack.callback(log.close)
    stack.callback(letters.close)
    pseudonyms, raw = Pseudonyms(bytes(16)), RawStore(pool)

    def open_client() -> Client:
        return open_clickhouse(clickhouse, 1024)

    consents = ConsentFile(data / "consents.bin")
    return Stores(
        pool=pool,
        open_clickhouse=open_client,
        log=log,
        letters=letters,
        consents=consents,
        pseudonyms=pseudonyms,
        campus=CampusStore(pool, pseudonyms, Dimensions(open_client).replace),
        raw=raw,
        records=Records(pool, raw, system_clock),
        spools=SpoolErasure(data),
        archives=Archives(data / "exports"),
        pipeline=Pipeline(log, raw, Rollups(open_client()), lambda *_: None, system_clock, batch_events=1),
        not_agreed=NotAgreed(open_client(), consents.register),
        learning=threading.Lock(),
    )


def _time(stores: Stores, mode: Mode, student: str) -> Line:
    requests = RequestStore(stores.pool)
    work = {ERASURE: Erasures(stores, requests, system_clock).work}
    runs = RetentionRuns(stores.pool)
    desk = PrivacyDesk(requests, stores.archives, runs, _pseudonym, work, system_clock)
    number = desk.erase(student, mode, "bench")
    began = time.perf_counter()
    desk.work()
    taken = time.perf_counter() - began
    filed = desk.find(number)
    rows = {line.store: line.rows for line in filed.receipt} if filed else {}
    events = f"{rows['PostgreSQL student_activity_events']} raw, {rows['ClickHouse events']} in ClickHouse"
    return Line(f"{mode}: request to receipt", taken, "s", events, "60")


def _pseudonym(student: str) -> bytes:
    """As ``fill_events.sql`` and ``fill_raw.sql`` make them."""
    return md5(student.encode(), usedforsecurity=False).digest()
