"""Trying again while a store is down. Meanwhile the log keeps what comes in."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from coursepulse.kit.errors import CoursepulseError, LogFull, StoreRejected, StoreUnavailable

T = TypeVar("T")

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0

#: Failures in a row (about half a minute) after which a batch that is refused whole is no longer taken for an
#: outage of the store.
PATIENCE = 10

_log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The pipeline was asked to stop while it was waiting for a store."""


class Retry:
    """Calls something until the store answers, with exponential backoff and full jitter.

    Full jitter keeps several pipelines from knocking at a recovering database in step
    (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        #: What is being waited for, in a sentence, or None.
        self.trouble: str | None = None
        self._failures = 0

    @property
    def weary(self) -> bool:
        """Whether waiting has not helped for a while."""
        return self._failures >= PATIENCE

    def __call__(self, action: Callable[[], T]) -> T:
        """The result of ``action``.

        :raises Stopped: when the pipeline stops first
        """
        pause = FIRST_PAUSE
        while True:
            try:
                result = action()
            except (StoreUnavailable, LogFull) as error:
                self._wait(pause, error)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.trouble, self._failures = None, 0
                return result

    def _wait(self, pause: float, error: StoreUnavailable | LogFull) -> None:
        if self.trouble is None:
            _log.warning("store_unavailable", error=str(error))
        self.trouble = str(error)
        self._failures += 1
        if self._stopping.wait(random.uniform(pause / 2, pause)):  # noqa: S311 - spreading load, not secrecy
            raise Stopped

    def judged(self, action: Callable[[], T]) -> T:
        """:meth:`__call__` of an action on events: an unforeseen error is blamed on the events, not on the store.

        :raises StoreRejected: for every error that waiting does not cure
        """
        return self(lambda: self._blame(action))

    def _blame(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except (CoursepulseError, Stopped, KeyboardInterrupt, SystemExit):
            raise
        except MemoryError as error:
            if self.weary:
                raise StoreRejected("The events need more memory than there is") from error
            raise StoreUnavailable("Memory is low.") from error
        # Not only Exception: a library written in Rust panics with something that is none.
        except BaseException as error:
            _log.exception("unexpected_error_behind_the_log")
            # Without its message, which may quote the event.
            raise StoreRejected(f"Processing it ends in an unexpected {type(error).__name__}") from error
