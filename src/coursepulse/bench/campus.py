"""A data directory after four weeks of a large campus: both databases, the log, the roster."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import psycopg
from clickhouse_connect.driver.client import Client
from rich.progress import track

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.bench import limits
from coursepulse.bench.filled import EVENTS_PER_SESSION, FILLED, SQL, Shape, fill_into
from coursepulse.bench.traffic import Crowd, bodies
from coursepulse.kit.clock import system_clock, utc_date
from coursepulse.log.positions import to_number
from coursepulse.log.sqlite import SqliteLog
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.clickhouse.erasure import HOLDINGS
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.stream.stages import GROUP, SERVED

DAYS = 28

#: The share of the events that the log still holds: three days.
_LOGGED = 3 / DAYS

_ROSTER = ("courses", "people", "enrolments", "consents")


def shape(events: int) -> Shape:
    """A campus with that many events, 200 per student, up to yesterday."""
    return Shape(events, max(1, events // 200), utc_date(system_clock()) - timedelta(days=DAYS), DAYS)


def fill_apart(data: Path, events: int) -> None:
    """Fill in a separate process, because an engine can open only one database."""
    code = f"from coursepulse.bench.campus import fill; fill({str(data)!r}, {events})"
    subprocess.run([sys.executable, "-c", code], check=True)


def fill(folder: str, events: int) -> None:
    """Add a campus to the data directory of a stopped server."""
    data, made = Path(folder), shape(events)
    _fill_clickhouse(clickhouse.open_clickhouse(f"chdb://{data.absolute() / 'clickhouse'}", 1024), made)
    position = _fill_log(data / "log" / "events.sqlite", int(events * _LOGGED))
    with _owner(data / "postgres") as pool:
        with pool.connection() as connection:
            _fill_postgres(connection, made)
        PostgresRawStore(pool).advance(SERVED, position, None, system_clock())


def fill_for_readers_apart(data: Path, made: Shape) -> None:
    """What screens are made of, and no more, in a separate process."""
    given = f"{made.events}, {made.students}, date.fromisoformat({str(made.first_day)!r}), {made.days}"
    code = (
        "from datetime import date; from coursepulse.bench.campus import fill_for_readers; "
        "from coursepulse.bench.filled import Shape; "
        f"fill_for_readers({str(data)!r}, Shape({given}, courses={made.courses}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def fill_for_readers(folder: str, made: Shape) -> None:
    """Add ClickHouse and the roster of a campus to the data directory of a stopped server.

    Accounts named ``student-7`` become those of the students of this number, and team ``bench`` gets members.
    """
    data = Path(folder)
    _fill_clickhouse(clickhouse.open_clickhouse(f"chdb://{data.absolute() / 'clickhouse'}", 1024), made)
    with _owner(data / "postgres") as pool, pool.connection() as connection:
        for name in (*_ROSTER, "accounts", "team"):
            connection.execute(SQL[f"campus_{name}"], made._asdict())


def _fill_clickhouse(client: Client, made: Shape) -> None:
    fill_into(client, made)
    Rollups(client).refresh_platform(made.every_day, FILLED)
    learners = LearnerRollups(client)
    learners.rebuild(FILLED)
    learners.refresh_catalog(FILLED)
    for holding in track(HOLDINGS, "merging", transient=True):
        client.command(SQL["optimise"], parameters={"table": holding.table})


def _fill_log(path: Path, events: int) -> int:
    """Append blocks that the pipeline has finished; returns the number of the last position."""
    log, size = SqliteLog(path), 1_000
    texts = islice(bodies(Crowd(50_000), size), max(1, events // size))
    for body in track(texts, "event log", total=events // size, transient=True):
        log.append(limits.canonical(body)).result()
    [position] = log.newest()
    log.commit(GROUP, position)
    log.close()
    return to_number(position)


@contextmanager
def _owner(folder: Path) -> Iterator[postgres.Pool]:
    server = EmbeddedPostgres(folder)
    try:
        with postgres.open_pool(server.start()) as pool:
            postgres.migrate(pool)
            yield pool
    finally:
        server.stop()


def _fill_postgres(connection: psycopg.Connection, made: Shape) -> None:
    values = {**made._asdict(), "sessions": made.events // EVENTS_PER_SESSION}
    for name in _ROSTER:
        connection.execute(SQL[f"campus_{name}"], values)
    connection.execute("SELECT create_day_partitions(%s)", [made.every_day])
    for number, day in enumerate(track(made.every_day[:-1], "PostgreSQL", transient=True)):
        first, last = (values["sessions"] * (number + ahead) // made.days for ahead in (0, 1))
        connection.execute(SQL["campus_events"], values | {"first": first, "last": last})
        _keep_records(connection, day)


def _keep_records(connection: psycopg.Connection, day: date) -> None:
    connection.execute(SQL["campus_records"], {"day": day})
