"""One SQLite connection that several threads share in turn. It is reopened after an error."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coursepulse.kit.errors import LogFull, SettingError, StoreUnavailable

#: Seconds to wait for another process to end its transaction; ours take milliseconds.
_PATIENCE = 10.0

_PRAGMAS = (
    # FULL makes a commit reach the disk before it returns; NORMAL would lose the last ones with the power.
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 67108864",
    # What is deleted is overwritten with zeros: an erased student must not survive in free pages.
    "PRAGMA secure_delete = ON",
)


class Database:
    """A connection to ``path``, opened when first needed and reopened after an error.

    :param max_pages: refuse to grow beyond so many 4 KiB pages, 0 for no limit; tests fill a disk with it
    """

    def __init__(self, path: Path, *, max_pages: int = 0) -> None:
        self._path = path
        self._max_pages = max_pages
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    def prepare(self, schema: str) -> None:
        """Make the file and its tables if they do not exist.

        :raises SettingError: when the file cannot be made or written
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                self._opened().executescript(schema)
        except (OSError, sqlite3.Error) as error:
            raise SettingError(f"{self._path} cannot be used: {error}.") from None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for statements that only read.

        :raises StoreUnavailable: when the file cannot be read
        """
        with self._lock:
            try:
                yield self._opened()
            except sqlite3.Error as error:
                self._drop()
                raise StoreUnavailable(f"{self._path.name} cannot be read: {error}.") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction that is on disk when the block ends.

        :raises LogFull: when it cannot be written; then nothing of it is kept
        """
        with self._lock:
            try:
                connection = self._opened()
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._drop()
                raise LogFull(f"{self._path.name} cannot be written: {error}.") from error
            except BaseException:
                self._drop()
                raise

    @contextmanager
    def writing_once(self) -> Iterator[sqlite3.Connection]:
        """The connection for one statement, which is on disk when all its rows are fetched.

        :raises LogFull: as :meth:`writing`
        """
        with self._lock:
            try:
                yield self._opened()
            except sqlite3.Error as error:
                self._drop()
                raise LogFull(f"{self._path.name} cannot be written: {error}.") from error

    def empty_wal(self) -> None:
        """Move everything into the file and leave nothing behind in its ``-wal``.

        :raises StoreUnavailable: when readers keep it busy for too long
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            with self.reading() as connection:
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                return
            if time.monotonic() > deadline:
                raise StoreUnavailable(f"{self._path.name} is being read all the time; try again.")
            time.sleep(0.05)

    def close(self) -> None:
        """Close the file for good."""
        with self._lock:
            self._closed = True
            self._drop()

    def _opened(self) -> sqlite3.Connection:
        if self._closed:
            raise sqlite3.ProgrammingError("it is closed")
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            _switch_to_wal(connection)
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            if self._max_pages:
                connection.execute(f"PRAGMA max_page_count = {self._max_pages:d}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        """Close quietly; this rolls back an open transaction."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Turn WAL on. When several processes make a file at once, SQLite says "locked" without waiting."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
