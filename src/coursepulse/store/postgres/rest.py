"""The rest of all pipelines as an advisory lock: a batch shares it, and who needs rest has it alone.

A session that ends lets go of it, however it ends. A process that is stopped in the middle of a batch keeps it: what
needs rest waits until that batch has ended, or until the lease of its worker has run out.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

import psycopg

from coursepulse.kit.clock import Clock
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.changes import ChangesFeed
from coursepulse.store.postgres.connect import Pool, application_of, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Seconds that a batch waits before it tries again, so that it can be stopped meanwhile.
_PATIENCE = 2.0


class PipelineRest:
    """A :class:`coursepulse.stream.rest.Rest` for the processes that share a database.

    :param dsn: for the one session that has the lock as long as a batch is on its way
    :param sessions: connections that keep their session, and with it a lock, from one transaction to the next
    :param process: the name of this process
    """

    def __init__(self, dsn: str, pool: Pool, sessions: Pool, process: str, clock: Clock) -> None:
        self._dsn, self._sessions, self._process, self._clock = dsn, sessions, process, clock
        self._feed = ChangesFeed(pool)
        self._lock = threading.Lock()
        self._session: psycopg.Connection | None = None
        self._batches = 0
        self._seen: int | None = None

    def begin(self) -> Collection[tuple[bytes, bool]]:
        with self._lock:
            if not self._batches:
                self._share()
            self._batches += 1
        try:
            return list(self._find_told())
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        with self._lock:
            self._batches = max(0, self._batches - 1)
            if not self._batches:
                self._let_go()

    def leave(self) -> None:
        with self._lock:
            self._batches = 0
            self._close()

    @contextmanager
    def alone(self, patience: float) -> Iterator[None]:
        with translate_errors("The rest of the pipelines"), self._sessions.connection() as connection:
            connection.execute("SELECT set_config('lock_timeout', %s, false)", (f"{int(patience * 1000)}ms",))
            try:
                connection.execute(_QUERIES["rest_alone"])
            finally:
                connection.execute("RESET lock_timeout")
            try:
                yield
            finally:
                connection.execute(_QUERIES["rest_let_go_alone"])

    def tell(self, student: bytes, *, erased: bool) -> None:
        self._feed.note("erased" if erased else "renewed", [("", student)], self._clock())

    def _find_told(self) -> Iterator[tuple[bytes, bool]]:
        if self._seen is None:
            self._seen = self._feed.newest()
        for row in self._feed.told_after(self._seen):
            self._seen = row.number
            for _, student in row.learners:
                yield student, row.kind == "erased"

    def _share(self) -> None:
        with translate_errors("The rest of the pipelines"):
            try:
                if self._session is None:
                    self._session = psycopg.connect(
                        self._dsn,
                        autocommit=True,
                        connect_timeout=5,
                        application_name=application_of(self._process),
                        options=f"-c lock_timeout={int(_PATIENCE * 1000)}ms",
                    )
                self._session.execute(_QUERIES["rest_share"])
            except psycopg.errors.LockNotAvailable as error:
                raise StoreUnavailable(
                    "An erasure or a withdrawal is at work; batches go on after it."
                ) from error
            except psycopg.Error:
                self._close()
                raise

    def _let_go(self) -> None:
        if self._session is not None:
            try:
                self._session.execute(_QUERIES["rest_let_go"])
            except psycopg.Error:
                self._close()

    def _close(self) -> None:
        if self._session is not None:
            with suppress(psycopg.Error):
                self._session.close()
            self._session = None
