"""A scratch ClickHouse database filled with synthetic events and their rollups."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, timedelta
from typing import NamedTuple

from clickhouse_connect.driver.client import Client
from rich.progress import track

from coursepulse.aggregates.rollups import Rollups
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse import connect as clickhouse

SQL = Queries("coursepulse.bench.sql")
EVENTS_PER_SESSION = 30

#: Sessions per insert, so that blocks have the size that the pipeline writes.
_SESSIONS_PER_INSERT = 650

#: The version of the filled rows.
FILLED = 1


class Shape(NamedTuple):
    """The amount of data.

    :param filled: share of the last day that has passed, 0-1
    :param courses: one of them, course-0, has 5,000 students
    """

    events: int
    students: int
    first_day: date
    days: int
    filled: float = 1.0
    courses: int = 200

    @property
    def every_day(self) -> list[date]:
        """The days with events; the last session may run past midnight."""
        return [self.first_day + timedelta(days=day) for day in range(self.days + 1)]


def fill(shape: Shape) -> tuple[Client, str]:
    """A client of a new database with that many events and all rollups, and the folder."""
    folder = tempfile.mkdtemp(prefix="coursepulse-bench-")
    client = clickhouse.open_clickhouse(f"chdb://{folder}", 1024)
    fill_into(client, shape)
    return client, folder


def fill_into(client: Client, shape: Shape) -> None:
    """Create the events and their rollups in an empty or existing database."""
    clickhouse.migrate(client)
    sessions = shape.events // EVENTS_PER_SESSION
    for first in track(range(0, sessions, _SESSIONS_PER_INSERT), f"{shape.events:,} events", transient=True):
        values = {
            "students": shape.students,
            "sessions": sessions,
            "days": shape.days,
            "first_day": shape.first_day,
            "filled": shape.filled,
            "others": shape.courses - 1,
            "first": first,
            "last": min(first + _SESSIONS_PER_INSERT, sessions),
        }
        client.command(SQL["fill_events"], parameters=values)
    Rollups(client).rebuild(track(shape.every_day, "rollups", transient=True), FILLED)


def remove(folder: str) -> None:
    """Delete the folder; the engine may still hold files open, which is harmless."""
    shutil.rmtree(folder, ignore_errors=True)
