"""Alerts in memory: for tests, and to try a rule on what is stored without raising anything."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

import msgspec

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert, AlertSubject, KeptAlert
from coursepulse.alerts.port import AlertChanges, AlertFilter, OnChanged, Standing
from coursepulse.kit.clock import Micros

#: Whether a viewer may see an alert.
MaySee: TypeAlias = Callable[[Viewer, Alert], bool]


def _everything(viewer: Viewer, alert: Alert) -> bool:  # noqa: ARG001
    return True


class MemoryAlerts:
    """:class:`coursepulse.alerts.port.AlertStore`."""

    def __init__(self, may_see: MaySee = _everything) -> None:
        self._may_see, self._number = may_see, 0
        self._kept: dict[bytes, KeptAlert] = {}
        self._withdrawn: dict[bytes, int] = {}
        self._callbacks: list[OnChanged] = []

    def on_changed(self, callback: OnChanged) -> None:
        self._callbacks.append(callback)

    def put(self, alerts: Collection[Alert]) -> None:
        old = {one.alert_id: self._kept.get(one.alert_id, KeptAlert(one, 0)) for one in alerts}
        new = [old[one.alert_id]._replace(alert=one) for one in alerts if self._differs(one)]
        for kept in new:
            self._withdrawn.pop(kept.alert.alert_id, None)
        self._tell(new, [])

    def withdraw(self, alerts: Collection[bytes], at: Micros) -> None:  # noqa: ARG002
        gone = [key for key in alerts if key in self._kept and key not in self._withdrawn]
        self._withdrawn.update(dict.fromkeys(gone, self._number + 1))
        self._tell([], gone)

    def clear(self, alerts: Collection[bytes], at: Micros) -> None:
        found = [kept for kept in self._standing(alerts) if kept.alert.cleared_at is None]
        cleared = [msgspec.structs.replace(kept.alert, cleared_at=at, updated_at=at) for kept in found]
        self.put(cleared)

    def open_of(
        self,
        rule: str,
        subjects: Collection[AlertSubject] | None = None,
        *,
        cleared_after: Micros | None = None,
    ) -> list[Alert]:
        def counts(alert: Alert) -> bool:
            lately = cleared_after is not None and (alert.cleared_at or 0) > cleared_after
            return alert.rule == rule and (alert.cleared_at is None or lately)

        alerts = [kept.alert for kept in self._standing(self._kept) if counts(kept.alert)]
        return [alert for alert in alerts if subjects is None or alert.subject in subjects]

    def search(self, wanted: AlertFilter, viewer: Viewer, now: Micros) -> list[KeptAlert]:
        found = [kept for kept in self._standing(self._kept) if _matches(kept, wanted, now)]
        seen = [kept for kept in found if self._may_see(viewer, kept.alert)]
        return sorted(seen, key=_place, reverse=True)[: wanted.limit]

    def find(self, alerts: Collection[bytes], viewer: Viewer) -> list[KeptAlert]:
        return [kept for kept in self._standing(alerts) if self._may_see(viewer, kept.alert)]

    def acknowledge(self, alerts: Collection[bytes], account: str, at: Micros) -> int:
        found = [kept for kept in self._standing(alerts) if kept.acknowledged_at is None]
        self._tell([kept._replace(acknowledged_at=at, acknowledged_by=account) for kept in found], [])
        return len(found)

    def snooze(self, alerts: Collection[bytes], until: Micros | None, account: str) -> int:
        found = [kept for kept in self._standing(alerts) if kept.snoozed_until != until]
        by = "" if until is None else account
        self._tell([kept._replace(snoozed_until=until, snoozed_by=by) for kept in found], [])
        return len(found)

    def changed_after(self, number: int) -> AlertChanges:
        changed = [kept for kept in self._standing(self._kept) if kept.number > number]
        gone = [key for key, at in self._withdrawn.items() if at > number]
        return AlertChanges(self._number, sorted(changed, key=_order), gone)

    def forget(self, students: Collection[bytes]) -> int:
        gone = [key for key, kept in self._kept.items() if kept.alert.student_id in students]
        for key in gone:
            del self._kept[key]
            self._withdrawn.pop(key, None)
        self._tell([], gone)
        return len(gone)

    def prune(self, before: Micros) -> int:
        gone = [key for key, kept in self._kept.items() if (kept.alert.cleared_at or before) < before]
        for key in gone:
            del self._kept[key]
            self._withdrawn.pop(key, None)
        return len(gone)

    def _standing(self, alerts: Collection[bytes]) -> list[KeptAlert]:
        return [self._kept[key] for key in alerts if key in self._kept and key not in self._withdrawn]

    def _differs(self, alert: Alert) -> bool:
        kept = self._kept.get(alert.alert_id)
        if kept is None or alert.alert_id in self._withdrawn:
            return True
        return msgspec.structs.replace(kept.alert, updated_at=alert.updated_at) != alert

    def _tell(self, changed: list[KeptAlert], gone: list[bytes]) -> None:
        if not changed and not gone:
            return
        self._number += 1
        numbered = [kept._replace(number=self._number) for kept in changed]
        self._kept.update({kept.alert.alert_id: kept for kept in numbered})
        for callback in self._callbacks:
            callback(AlertChanges(self._number, numbered, gone))


def _place(kept: KeptAlert) -> tuple[Micros, bytes]:
    return kept.alert.raised_at, kept.alert.alert_id


def _order(kept: KeptAlert) -> tuple[int, bytes]:
    return kept.number, kept.alert.alert_id


def _matches(kept: KeptAlert, wanted: AlertFilter, now: Micros) -> bool:
    alert = kept.alert
    return (
        _stands(kept, wanted.standing, now)
        and wanted.rule in {"", alert.rule}
        and wanted.course in {"", alert.course_id}
        and wanted.student in {None, alert.student_id}
        and wanted.severity in {None, alert.severity}
        and (wanted.before is None or _place(kept) < wanted.before)
    )


def _stands(kept: KeptAlert, standing: Standing, now: Micros) -> bool:
    is_open = kept.alert.cleared_at is None
    snoozed = kept.snoozed_until is not None and kept.snoozed_until > now
    return {
        Standing.NEW: is_open and kept.acknowledged_at is None and not snoozed,
        Standing.OPEN: is_open,
        Standing.ACKNOWLEDGED: is_open and kept.acknowledged_at is not None,
        Standing.SNOOZED: is_open and snoozed,
        Standing.CLEARED: not is_open,
        Standing.ALL: True,
    }[standing]
