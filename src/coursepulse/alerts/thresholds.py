"""The numbers of rules that courses have set themselves: in PostgreSQL, and in memory for those who judge."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from coursepulse.alerts.bounds import check_thresholds
from coursepulse.alerts.rule import Rule, Values
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.alerts.queries")


class CourseThresholds:
    """Answers from memory; only this process may change them while it runs."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._lock = pool, threading.Lock()
        self._set: dict[tuple[str, str], dict[str, float]] = {}
        self._callbacks: list[Callable[[], None]] = []

    def load(self) -> None:
        """Read what courses have set.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        found: dict[tuple[str, str], dict[str, float]] = {}
        with translate_errors("Thresholds"), self._pool.connection() as connection:
            for course, rule, name, value in connection.execute(_QUERIES["thresholds"]):
                found.setdefault((course, rule), {})[name] = value
        self._set = found

    def on_changed(self, callback: Callable[[], None]) -> None:
        """Call this after each change."""
        self._callbacks.append(callback)

    def values(self, rule: Rule, course: str) -> Values:
        """The numbers that hold in a course. A bound that a new version has narrowed holds for what was set before."""
        own = self._set.get((course, rule.name))
        return rule.defaults() if own is None else _bound(rule, own)

    def own(self, rule: Rule, course: str) -> Mapping[str, float]:
        """Only what the course has set itself."""
        return dict(self._set.get((course, rule.name), {}))

    def change(
        self, rule: Rule, course: str, values: Mapping[str, float | None], account: str, at: Micros
    ) -> None:
        """Set numbers of a course; None takes one back to the usual number.

        :raises RequestError: ``unknown_threshold`` or ``threshold_out_of_bounds``; nothing is changed then
        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        check_thresholds(rule, values)
        with (
            self._lock,
            translate_errors("Thresholds"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            for name, value in values.items():
                connection.execute(
                    _QUERIES["unset_threshold" if value is None else "set_threshold"],
                    {
                        "course": course,
                        "rule": rule.name,
                        "name": name,
                        "value": value,
                        "at": from_micros(at),
                        "account": account,
                    },
                )
        self.load()
        for callback in self._callbacks:
            callback()


def _bound(rule: Rule, own: Mapping[str, float]) -> Values:
    return {
        each.name: min(max(own.get(each.name, each.default), each.least), each.most)
        for each in rule.thresholds
    }
