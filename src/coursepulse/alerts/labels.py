"""What alerts are about, by name, and the events behind them: looked up when shown, under the viewer's rights."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert, AlertNames, EvidenceEvent, StudentContact
from coursepulse.kit.clock import DAY, utc_date
from coursepulse.kit.ids import is_uuid, to_bytes
from coursepulse.kit.sql import Queries
from coursepulse.metrics.readers import describe_viewer
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.alerts.queries")
_SET_VIEWER = Queries("coursepulse.store.postgres.queries")["set_viewer"]

#: Evidence may have happened so long before the alert was raised.
_BEFORE = 35 * DAY


class AlertLabels:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param app: connections under row-level security
    """

    def __init__(self, app: Pool) -> None:
        self._app = app

    def names(self, alerts: Sequence[Alert], viewer: Viewer) -> list[AlertNames]:
        """What each of some alerts is about."""
        students = {alert.student_id for alert in alerts if alert.student_id}
        places = sorted({(alert.course_id, item_of(alert)) for alert in alerts if alert.item})
        wanted = {
            "students": [UUID(bytes=student) for student in students],
            "courses": sorted({alert.course_id for alert in alerts}),
        }
        items = {"courses": [course for course, _ in places], "items": [item for _, item in places]}
        with self._as(viewer) as connection:
            people = {key.bytes: name for key, name in connection.execute(_QUERIES["student_names"], wanted)}
            courses = dict(connection.execute(_QUERIES["course_titles"], wanted).fetchall())
            rows = connection.execute(_QUERIES["item_titles"], items).fetchall()
        titles = {(course, item): title for course, item, title in rows}
        return [
            AlertNames(
                people.get(alert.student_id, ""),
                courses.get(alert.course_id, alert.course_id),
                titles.get((alert.course_id, item_of(alert)), item_of(alert)),
            )
            for alert in alerts
        ]

    def contacts(self, students: Collection[bytes], viewer: Viewer) -> dict[bytes, StudentContact]:
        """How to write to some students, of those that the viewer may know by name."""
        wanted = {"students": [UUID(bytes=student) for student in students]}
        with self._as(viewer) as connection:
            rows = connection.execute(_QUERIES["student_contacts"], wanted).fetchall()
        return {key.bytes: StudentContact(*contact) for key, *contact in rows}

    def evidence(self, alert: Alert, viewer: Viewer) -> list[EvidenceEvent]:
        """The events behind an alert, as far as the viewer may see what the student did."""
        wanted = {
            "events": [UUID(bytes=to_bytes(event, "event")) for event in alert.evidence if is_uuid(event)],
            "first": utc_date(alert.raised_at - _BEFORE),
            "last": utc_date(max(alert.raised_at, alert.updated_at) + DAY),
        }
        with self._as(viewer) as connection:
            rows = connection.execute(_QUERIES["evidence"], wanted).fetchall()
        return [EvidenceEvent(*row[:3], *(text or "" for text in row[3:])) for row in rows]

    @contextmanager
    def _as(self, viewer: Viewer) -> Iterator[psycopg.Connection[TupleRow]]:
        with (
            translate_errors("Alerts"),
            self._app.connection() as connection,
            connection.transaction(),
        ):
            connection.execute(_SET_VIEWER, describe_viewer(viewer))
            yield connection


def item_of(alert: Alert) -> str:
    """The part of the course that an alert is about: of a passage, its video."""
    return str(alert.values.get("video", alert.item))
