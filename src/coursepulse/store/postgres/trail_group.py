"""Many threads write entries, one thread appends them: whoever arrives while it writes shares the next commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

import structlog

from coursepulse.audit.entry import Entry
from coursepulse.kit.errors import CoursepulseError, StoreUnavailable

#: Entries of one transaction at the most: the lock of the chain is held for milliseconds.
_GROUP = 500

#: Entries that may wait. Beyond this the database is not keeping up, and the reads behind them are refused.
_WAITING = 10_000

_log = structlog.get_logger(__name__)


class _Wait(NamedTuple):
    entry: Entry
    done: Future[None]


class TrailGroup:
    """Runs ``append`` in a thread of its own, on everything that was submitted meanwhile.

    :param append: writes entries in one transaction, or raises
    """

    def __init__(self, append: Callable[[list[Entry]], None]) -> None:
        self._append = append
        self._arrived = threading.Condition()
        self._waiting: list[_Wait] = []
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    def submit(self, entry: Entry) -> Future[None]:
        """See :meth:`coursepulse.audit.port.Trail.submit`."""
        done: Future[None] = Future()
        with self._arrived:
            if self._closing:
                raise StoreUnavailable("The audit trail is closed.")
            if len(self._waiting) >= _WAITING:
                raise StoreUnavailable("The audit trail does not keep up.")
            self._waiting.append(_Wait(entry, done))
            self._arrived.notify()
        return done

    def close(self) -> None:
        """Write what is waiting, then end."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._take():
            self._settle(group)

    def _take(self) -> list[_Wait]:
        """The next group; empty when everything is written and the trail is closing."""
        with self._arrived:
            while not self._waiting and not self._closing:
                self._arrived.wait()
            group, self._waiting = self._waiting[:_GROUP], self._waiting[_GROUP:]
            return group

    def _settle(self, group: list[_Wait]) -> None:
        try:
            self._append([one.entry for one in group])
        except CoursepulseError as error:
            failure = StoreUnavailable(f"The audit trail cannot be written: {error}")
        except Exception:  # noqa: BLE001 - the writer must outlive whatever one group did to it
            _log.exception("audit_writer_failed")
            failure = StoreUnavailable("The audit trail cannot be written.")
        else:
            for one in group:
                one.done.set_result(None)
            return
        for one in group:
            one.done.set_exception(failure)
