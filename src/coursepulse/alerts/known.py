"""The alerts of some rules, remembered: a judgement that finds nothing then costs no query."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable

from coursepulse.alerts.alert import Alert, AlertSubject
from coursepulse.alerts.port import AlertChanges, AlertStore
from coursepulse.alerts.rule import Rule
from coursepulse.kit.clock import Micros


class KnownAlerts:
    """What :class:`~coursepulse.alerts.book.AlertBook` needs of a store, answered from memory.

    Alerts are read once, and follow every change that this process makes.
    """

    def __init__(self, store: AlertStore, rules: Iterable[Rule]) -> None:
        self._store, self._rules = store, {rule.name: rule for rule in rules}
        self._lock = threading.Lock()
        self._changes = 0
        self._alerts: dict[bytes, Alert] = {}
        #: By rule, once its alerts have been read.
        self._subjects: dict[str, dict[AlertSubject, set[bytes]]] = {}
        store.on_changed(self._take_in)

    def open_of(
        self,
        rule: str,
        subjects: Collection[AlertSubject] | None = None,
        *,
        cleared_after: Micros | None = None,
    ) -> list[Alert]:
        """Open alerts of a rule, and those that have cleared since a moment.

        :raises StoreUnavailable: when they have not been read yet, and cannot be
        """
        self._load(rule, cleared_after)
        with self._lock:
            known = self._subjects[rule]
            wanted = list(known) if subjects is None else [each for each in subjects if each in known]
            found = [self._alerts[key] for each in wanted for key in known[each]]
        return [alert for alert in found if _counts(alert, cleared_after)]

    def put(self, alerts: Collection[Alert]) -> None:
        """Add alerts or change them.

        :raises StoreUnavailable: when the store does not answer
        """
        if alerts:
            self._store.put(alerts)

    def subjects(self, courses: Collection[str], now: Micros) -> set[AlertSubject]:
        """All that there are alerts about in some courses. Alerts that are over for good are let go of.

        :raises StoreUnavailable: when they have not been read yet, and cannot be
        """
        for rule in self._rules.values():
            self._load(rule.name, now - rule.cooldown)
        with self._lock:
            for alert in list(self._alerts.values()):
                if not _counts(alert, now - self._rules[alert.rule].cooldown):
                    self._drop(alert.alert_id)
            wanted = set(courses)
            return {each for known in self._subjects.values() for each in known if each.course_id in wanted}

    def _load(self, rule: str, cleared_after: Micros | None) -> None:
        while rule not in self._subjects:
            before = self._changes
            alerts = self._store.open_of(rule, cleared_after=cleared_after)
            with self._lock:
                # Otherwise something has changed while they were read.
                if self._changes == before:
                    self._subjects[rule] = defaultdict(set)
                    for alert in alerts:
                        self._add(alert)

    def _take_in(self, changes: AlertChanges) -> None:
        with self._lock:
            self._changes += 1
            for key in changes.gone:
                self._drop(key)
            for kept in changes.changed:
                if kept.alert.rule in self._subjects:
                    self._add(kept.alert)

    def _add(self, alert: Alert) -> None:
        self._alerts[alert.alert_id] = alert
        self._subjects[alert.rule][alert.subject].add(alert.alert_id)

    def _drop(self, key: bytes) -> None:
        alert = self._alerts.pop(key, None)
        if alert is None:
            return
        known = self._subjects[alert.rule]
        known[alert.subject].discard(key)
        if not known[alert.subject]:
            del known[alert.subject]


def _counts(alert: Alert, cleared_after: Micros | None) -> bool:
    lately = cleared_after is not None and (alert.cleared_at or 0) > cleared_after
    return alert.cleared_at is None or lately
