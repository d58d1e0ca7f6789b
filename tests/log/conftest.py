"""Logs to test. An adapter that is listed here has to keep every promise of the port."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from coursepulse.log import open_log
from coursepulse.log.memory import MemoryLog, MemoryStorage
from coursepulse.log.port import EventLog

#: Opens the same log every time: what one handle appends, another reads.
Opener = Callable[[], EventLog]


class Disk(Protocol):
    """Where a log keeps its blocks."""

    def open(self) -> EventLog:
        """One more handle of the log."""

    def put(self, body: bytes, events: int = 1) -> None:
        """Add bytes as somebody does who has access to the disk."""


class SqliteDisk:
    def __init__(self, directory: Path) -> None:
        self._path = directory / "log" / "events.sqlite"

    def open(self) -> EventLog:
        return open_log(f"sqlite://{self._path}")

    def put(self, body: bytes, events: int = 1) -> None:
        self.open().close()
        with sqlite3.connect(self._path) as db:
            db.execute(
                "INSERT INTO blocks (position, appended_at, events, total, body) "
                "SELECT position + 1, 0, ?, total + ?, ? FROM newest",
                (events, events, body),
            )


class MemoryDisk:
    def __init__(self, directory: Path) -> None:
        self._storage = MemoryStorage()
        self.put = self._storage.put

    def open(self) -> EventLog:
        return MemoryLog(self._storage)


class PartitionedDisk:
    """The contract is kept in each partition: what a test puts in by hand goes where its reader looks."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "log" / "events.sqlite"

    def open(self) -> EventLog:
        return open_log(f"sqlite://{self._path}?partitions=3")

    def put(self, body: bytes, events: int = 1) -> None:
        self.open().close()
        with sqlite3.connect(self._path.with_name("events-0.sqlite")) as db:
            db.execute(
                "INSERT INTO blocks (position, appended_at, events, total, body) "
                "SELECT position + 1, 0, ?, total + ?, ? FROM newest",
                (events, events, body),
            )


_DISKS: dict[str, Callable[[Path], Disk]] = {
    "sqlite": SqliteDisk,
    "memory": MemoryDisk,
    "partitioned": PartitionedDisk,
}


@pytest.fixture(params=_DISKS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    """The place of one log."""
    return _DISKS[request.param](tmp_path)


@pytest.fixture
def open_again(disk: Disk) -> Iterator[Opener]:
    """Opens one log as often as a test likes, and closes every handle at the end."""
    handles: list[EventLog] = []

    def opener() -> EventLog:
        handles.append(disk.open())
        return handles[-1]

    yield opener
    for handle in handles:
        handle.close()


@pytest.fixture
def log(open_again: Opener) -> EventLog:
    """One open, empty log."""
    return open_again()
