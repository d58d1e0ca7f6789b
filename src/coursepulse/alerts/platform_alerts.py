"""Judges the platform. Findings are in memory first, so that they can be seen while a store is down."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from coursepulse.alerts.alert import Alert, AlertSubject
from coursepulse.alerts.book import AlertBook
from coursepulse.alerts.facts import PlatformFacts
from coursepulse.alerts.memory import MemoryAlerts
from coursepulse.alerts.port import AlertChanges, AlertStore, OnChanged
from coursepulse.alerts.rule import PlatformCondition, Rule, Values
from coursepulse.kit.clock import Clock, Micros
from coursepulse.kit.errors import StoreUnavailable

_log = structlog.get_logger(__name__)

_PLATFORM = AlertSubject()


class PlatformAlerts:
    """The rules about the platform.

    :param read: tells how the platform is at a moment
    :param store: told what was found as soon as it answers
    :param rules: those without a PlatformCondition are passed over
    """

    def __init__(
        self,
        read: Callable[[Micros], PlatformFacts],
        store: AlertStore,
        rules: Iterable[Rule],
        values: Callable[[Rule, str], Values],
        clock: Clock,
    ) -> None:
        self._read, self._store, self._values, self._clock = read, store, values, clock
        self._rules = [
            (rule, rule.condition.find) for rule in rules if isinstance(rule.condition, PlatformCondition)
        ]
        self._memory, self._recalled = MemoryAlerts(), False
        self._unwritten: dict[bytes, Alert] = {}
        self._callbacks: list[OnChanged] = []
        self._memory.on_changed(self._take_in)

    def on_changed(self, callback: OnChanged) -> None:
        """Call this after each change, before any store knows of it."""
        self._callbacks.append(callback)

    def current(self) -> list[Alert]:
        """The open alerts about the platform, whatever is down."""
        return [alert for rule, _ in self._rules for alert in self._memory.open_of(rule.name)]

    def turn(self) -> None:
        """Look, and tell what has changed."""
        now = self._clock()
        facts = self._read(now)
        if not self._recalled:
            self._recall(now)
        book = AlertBook(self._memory)
        for rule, find in self._rules:
            book.judge(rule, [_PLATFORM], {_PLATFORM: find(facts, self._values(rule, ""))}, now)
        self._write()

    def _recall(self, now: Micros) -> None:
        """After a start, for which the store must answer: what was open, and what is over but could come back."""
        try:
            known = [
                self._store.open_of(rule.name, cleared_after=now - rule.cooldown) for rule, _ in self._rules
            ]
        except StoreUnavailable:
            return
        self._memory.put([alert for each in known for alert in each])
        self._recalled = True

    def _take_in(self, changes: AlertChanges) -> None:
        self._unwritten.update({kept.alert.alert_id: kept.alert for kept in changes.changed})
        for callback in self._callbacks:
            callback(changes)

    def _write(self) -> None:
        if not self._unwritten:
            return
        try:
            self._store.put(list(self._unwritten.values()))
        except StoreUnavailable as error:
            _log.warning("alerts_wait", error=str(error))
        else:
            self._unwritten.clear()
