"""Alerts in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow, dict_row
from psycopg.types.json import Jsonb

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert, AlertSubject, KeptAlert
from coursepulse.alerts.port import AlertChanges, AlertFilter, OnChanged
from coursepulse.alerts.rule import About, Audience, Severity
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.metrics.readers import describe_viewer
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.alerts.queries")
_SET_VIEWER = Queries("coursepulse.store.postgres.queries")["set_viewer"]

#: Subjects that are asked for by name; of more, the whole course is read.
_FEW = 1_000

#: Whether nothing may be said about a student (by pseudonym).
Refuses: TypeAlias = Callable[[bytes], bool]

_Connection: TypeAlias = psycopg.Connection[TupleRow]
_Row: TypeAlias = dict[str, Any]


def _nobody(student: bytes) -> bool:  # noqa: ARG001
    return False


class PostgresAlerts:
    """:class:`coursepulse.alerts.port.AlertStore`.

    :param pool: connections of the service
    :param app: connections under row-level security
    :param refuses: asked for each alert about a student before it is kept
    """

    def __init__(self, pool: Pool, app: Pool, refuses: Refuses = _nobody) -> None:
        self._pool, self._app, self._refuses = pool, app, refuses
        self._callbacks: list[OnChanged] = []

    def on_changed(self, callback: OnChanged) -> None:
        self._callbacks.append(callback)

    def put(self, alerts: Collection[Alert]) -> None:
        rows = [_write(alert) for alert in alerts if not self._is_refused(alert)]
        if rows:
            self._change(lambda connection, number: AlertChanges(number, _put(connection, rows, number), []))

    def withdraw(self, alerts: Collection[bytes], at: Micros) -> None:
        if alerts:
            gone = _uuids(alerts)
            self._remove("withdraw", lambda _: gone, alerts=gone, at=from_micros(at))

    def clear(self, alerts: Collection[bytes], at: Micros) -> None:
        self._alter("clear", alerts, at=from_micros(at))

    def acknowledge(self, alerts: Collection[bytes], account: str, at: Micros) -> int:
        return self._alter("acknowledge", alerts, account=account, at=from_micros(at))

    def snooze(self, alerts: Collection[bytes], until: Micros | None, account: str) -> int:
        return self._alter("snooze", alerts, account=account, until=_moment(until))

    def forget(self, students: Collection[bytes]) -> int:
        if not students:
            return 0
        values = {"students": _uuids(students)}
        return self._remove(
            "forget", lambda connection: _ids(_rows(connection, "about_students", values)), **values
        )

    def prune(self, before: Micros) -> int:
        values = {"before": from_micros(before)}
        with translate_errors("Alerts"), self._pool.connection() as connection:
            connection.execute(_QUERIES["prune_messages"], values)
            connection.execute(_QUERIES["prune_draws"], values)
            return connection.execute(_QUERIES["prune"], values).rowcount

    def open_of(
        self,
        rule: str,
        subjects: Collection[AlertSubject] | None = None,
        *,
        cleared_after: Micros | None = None,
    ) -> list[Alert]:
        values = {"rule": rule, "cleared_after": _moment(cleared_after), **_narrow(subjects)}
        with translate_errors("Alerts"), self._pool.connection() as connection:
            found = [_read_alert(row) for row in _rows(connection, "open_of", values)]
        return found if subjects is None else [alert for alert in found if alert.subject in set(subjects)]

    def search(self, wanted: AlertFilter, viewer: Viewer, now: Micros) -> list[KeptAlert]:
        at, last = wanted.before or (None, None)
        values: dict[str, object] = {
            "standing": wanted.standing.value,
            "rule": wanted.rule,
            "course": wanted.course,
            "severity": wanted.severity.value if wanted.severity else "",
            "student": wanted.student and UUID(bytes=wanted.student),
            "now": from_micros(now),
            "before": _moment(at),
            "before_id": last and UUID(bytes=last),
            "limit": wanted.limit,
        }
        return self._seen("search", viewer, values)

    def find(self, alerts: Collection[bytes], viewer: Viewer) -> list[KeptAlert]:
        return self._seen("find", viewer, {"alerts": _uuids(alerts)})

    def changed_after(self, number: int) -> AlertChanges:
        values = {"after": number}
        with (
            translate_errors("Alerts"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            # Taken first: what commits meanwhile is told again, and not left out.
            latest = _one(connection, "latest_number")
            changed = [_read(row) for row in _rows(connection, "changed_after", values)]
            gone = [row["alert_id"].bytes for row in _rows(connection, "withdrawn_after", values)]
        return AlertChanges(latest, changed, gone)

    def _is_refused(self, alert: Alert) -> bool:
        return alert.student_id is not None and self._refuses(alert.student_id)

    def _alter(self, query: str, alerts: Collection[bytes], **values: object) -> int:
        def alter(connection: _Connection, number: int) -> AlertChanges:
            told = {**values, "alerts": _uuids(alerts), "number": number}
            return AlertChanges(number, [_read(row) for row in _rows(connection, query, told)], [])

        return len(self._change(alter).changed) if alerts else 0

    def _remove(self, query: str, find: Callable[[_Connection], list[UUID]], **values: object) -> int:
        def remove(connection: _Connection, number: int) -> AlertChanges:
            # An alert takes its messages along, so those who have heard of it are noted first.
            connection.execute(_QUERIES["tell_removed"], {"alerts": find(connection)})
            rows = _rows(connection, query, {**values, "number": number})
            return AlertChanges(number, [], [each.bytes for each in _ids(rows)])

        return len(self._change(remove).gone)

    def _change(self, change: Callable[[_Connection, int], AlertChanges]) -> AlertChanges:
        with translate_errors("Alerts"), self._pool.connection() as connection, connection.transaction():
            changes = change(connection, _one(connection, "next_number"))
        if changes.changed or changes.gone:
            for callback in self._callbacks:
                callback(changes)
        return changes

    def _seen(self, query: str, viewer: Viewer, values: dict[str, object]) -> list[KeptAlert]:
        with (
            translate_errors("Alerts"),
            self._app.connection() as connection,
            connection.pipeline(),
            connection.transaction(),
        ):
            connection.execute(_SET_VIEWER, describe_viewer(viewer))
            return [_read(row) for row in _rows(connection, query, values)]


def _put(connection: _Connection, rows: Iterable[dict[str, object]], number: int) -> list[KeptAlert]:
    told: list[KeptAlert] = []
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.executemany(_QUERIES["put"], [{**row, "number": number} for row in rows], returning=True)
        for result in cursor.results():
            told.extend(_read(row) for row in result)
    return told


def _rows(connection: _Connection, query: str, values: dict[str, Any]) -> list[_Row]:
    return connection.cursor(row_factory=dict_row).execute(_QUERIES[query].encode(), values).fetchall()


def _ids(rows: Iterable[_Row]) -> list[UUID]:
    return [row["alert_id"] for row in rows]


def _one(connection: _Connection, query: str) -> int:
    row = connection.execute(_QUERIES[query]).fetchone()
    return int(row[0]) if row else 0


def _narrow(subjects: Collection[AlertSubject] | None) -> dict[str, object]:
    """The courses, and if they are few the students, that some subjects are about."""
    if subjects is None:
        return {"courses": None, "students": None}
    students = {subject.student_id for subject in subjects if subject.student_id}
    named = students and len(subjects) <= _FEW
    courses = sorted({subject.course_id for subject in subjects})
    return {"courses": courses, "students": _uuids(students) if named else None}


def _uuids(ids: Collection[bytes]) -> list[UUID]:
    return [UUID(bytes=each) for each in ids]


def _moment(at: Micros | None) -> datetime | None:
    return None if at is None else from_micros(at)


def _micros(moment: datetime | None) -> Micros | None:
    return None if moment is None else to_micros(moment)


def _write(alert: Alert) -> dict[str, object]:
    return {
        "alert_id": UUID(bytes=alert.alert_id),
        "rule": alert.rule,
        "severity": alert.severity.value,
        "about": alert.about.value,
        "audience": [each.value for each in alert.audience],
        "course_id": alert.course_id,
        "student_id": alert.student_id and UUID(bytes=alert.student_id),
        "item": alert.item,
        "raised_at": from_micros(alert.raised_at),
        "updated_at": from_micros(alert.updated_at),
        "cleared_at": _moment(alert.cleared_at),
        "evidence": list(alert.evidence),
        "details": Jsonb(alert.values),
    }


def _read(row: _Row) -> KeptAlert:
    return KeptAlert(
        _read_alert(row),
        row["number"],
        _micros(row["acknowledged_at"]),
        row["acknowledged_by"],
        _micros(row["snoozed_until"]),
        row["snoozed_by"],
    )


def _read_alert(row: _Row) -> Alert:
    return Alert(
        alert_id=row["alert_id"].bytes,
        rule=row["rule"],
        severity=Severity(row["severity"]),
        about=About(row["about"]),
        audience=tuple(Audience(each) for each in row["audience"]),
        course_id=row["course_id"],
        student_id=row["student_id"] and row["student_id"].bytes,
        item=row["item"],
        raised_at=to_micros(row["raised_at"]),
        updated_at=to_micros(row["updated_at"]),
        cleared_at=_micros(row["cleared_at"]),
        evidence=tuple(row["evidence"]),
        values=row["details"],
    )
