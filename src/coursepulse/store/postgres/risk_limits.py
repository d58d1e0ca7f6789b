"""Where courses cut their risk matrix: in PostgreSQL, and in memory for those who judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from coursepulse.definitions.risk import USUAL_LIMITS, RiskLimits
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.store.postgres.reloaded import Reloaded

_QUERIES = Queries("coursepulse.store.postgres.queries")


class LimitsSince(NamedTuple):
    """The limits of a course from a moment on, and the account that set them."""

    since: Micros
    limits: RiskLimits
    account: str


#: The changes of each course, the earliest first.
_Set: TypeAlias = dict[str, list[LimitsSince]]


class CourseLimits:
    """Answers from memory, which is loaded after each change here, and from time to time for those made elsewhere."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._set = pool, Reloaded[_Set](self._read, {})

    def load(self) -> None:
        """Read what courses have set, and tell of it if it has changed.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        self._set.load()

    def on_changed(self, callback: Callable[[], None]) -> None:
        """Call this after each change, wherever it was made."""
        self._set.on_changed(callback)

    def at(self, moment: Micros) -> dict[str, RiskLimits]:
        """The limits at a moment, of the courses that had set their own."""
        known = {course: self._of(each, moment) for course, each in self._set.value.items()}
        return {course: limits for course, limits in known.items() if limits != USUAL_LIMITS}

    def history(self, course: str) -> list[LimitsSince]:
        """Every change of a course, the latest first."""
        return self._set.value.get(course, [])[::-1]

    def change(self, course: str, limits: RiskLimits, account: str, at: Micros) -> None:
        """Set the limits of a course from a moment on.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        values = {"course": course, "since": from_micros(at), "account": account, **limits._asdict()}
        with translate_errors("Limits of risk"), self._pool.connection() as connection:
            connection.execute(_QUERIES["limits_set"], values)
        self.load()

    def _read(self) -> _Set:
        found: _Set = {}
        with translate_errors("Limits of risk"), self._pool.connection() as connection:
            for course, since, *limits, account in connection.execute(_QUERIES["limits_all"]):
                found.setdefault(course, []).append(
                    LimitsSince(to_micros(since), RiskLimits(*limits), account)
                )
        return found

    def _of(self, changes: list[LimitsSince], moment: Micros) -> RiskLimits:
        return next((each.limits for each in changes[::-1] if each.since <= moment), USUAL_LIMITS)
