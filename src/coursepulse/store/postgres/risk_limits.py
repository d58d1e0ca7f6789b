"""Where courses cut their risk matrix: in PostgreSQL, and in memory for those who judge."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

from coursepulse.definitions.risk import USUAL_LIMITS, RiskLimits
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class LimitsSince(NamedTuple):
    """The limits of a course from a moment on, and the account that set them."""

    since: Micros
    limits: RiskLimits
    account: str


class CourseLimits:
    """Answers from memory; only this process may change them while it runs."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._lock = pool, threading.Lock()
        self._set: dict[str, list[LimitsSince]] = {}
        self._callbacks: list[Callable[[], None]] = []

    def load(self) -> None:
        """Read what courses have set.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        found: dict[str, list[LimitsSince]] = {}
        with translate_errors("Limits of risk"), self._pool.connection() as connection:
            for course, since, *limits, account in connection.execute(_QUERIES["limits_all"]):
                found.setdefault(course, []).append(
                    LimitsSince(to_micros(since), RiskLimits(*limits), account)
                )
        self._set = found

    def on_changed(self, callback: Callable[[], None]) -> None:
        """Call this after each change."""
        self._callbacks.append(callback)

    def at(self, moment: Micros) -> dict[str, RiskLimits]:
        """The limits at a moment, of the courses that had set their own."""
        known = {course: self._of(each, moment) for course, each in self._set.items()}
        return {course: limits for course, limits in known.items() if limits != USUAL_LIMITS}

    def history(self, course: str) -> list[LimitsSince]:
        """Every change of a course, the latest first."""
        return self._set.get(course, [])[::-1]

    def change(self, course: str, limits: RiskLimits, account: str, at: Micros) -> None:
        """Set the limits of a course from a moment on.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        values = {"course": course, "since": from_micros(at), "account": account, **limits._asdict()}
        with (
            self._lock,
            translate_errors("Limits of risk"),
            self._pool.connection() as connection,
        ):
            connection.execute(_QUERIES["limits_set"], values)
        self.load()
        for callback in self._callbacks:
            callback()

    def _of(self, changes: list[LimitsSince], moment: Micros) -> RiskLimits:
        return next((each.limits for each in changes[::-1] if each.since <= moment), USUAL_LIMITS)
