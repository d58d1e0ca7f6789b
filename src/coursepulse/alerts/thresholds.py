"""The numbers of rules that courses have set themselves: in PostgreSQL, and in memory for those who judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from coursepulse.alerts.bounds import check_thresholds
from coursepulse.alerts.rule import Rule, Values
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.store.postgres.reloaded import Reloaded

_QUERIES = Queries("coursepulse.alerts.queries")

#: Numbers by course and rule, and by their name in the rule.
_Set: TypeAlias = dict[tuple[str, str], dict[str, float]]


class CourseThresholds:
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

    def values(self, rule: Rule, course: str) -> Values:
        """The numbers that hold in a course. A bound that a new version has narrowed holds for what was set before."""
        own = self._set.value.get((course, rule.name))
        return rule.defaults() if own is None else _bound(rule, own)

    def own(self, rule: Rule, course: str) -> Mapping[str, float]:
        """Only what the course has set itself."""
        return dict(self._set.value.get((course, rule.name), {}))

    def change(
        self, rule: Rule, course: str, values: Mapping[str, float | None], account: str, at: Micros
    ) -> None:
        """Set numbers of a course; None takes one back to the usual number.

        :raises RequestError: ``unknown_threshold`` or ``threshold_out_of_bounds``; nothing is changed then
        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        check_thresholds(rule, values)
        with (
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

    def _read(self) -> _Set:
        found: _Set = {}
        with translate_errors("Thresholds"), self._pool.connection() as connection:
            for course, rule, name, value in connection.execute(_QUERIES["thresholds"]):
                found.setdefault((course, rule), {})[name] = value
        return found


def _bound(rule: Rule, own: Mapping[str, float]) -> Values:
    return {
        each.name: min(max(own.get(each.name, each.default), each.least), each.most)
        for each in rule.thresholds
    }
