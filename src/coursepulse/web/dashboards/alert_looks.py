"""Alerts for cards: as far as the viewer may see them, and with a note of each look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import AlertNames, KeptAlert
from coursepulse.alerts.port import AlertFilter, Standing
from coursepulse.audit.port import Search
from coursepulse.dashboards.reader import OpenAlerts
from coursepulse.kit.clock import Micros
from coursepulse.kit.ids import to_text
from coursepulse.web.alerts.service import READ_ALERT
from coursepulse.web.audit.writing import note_each
from coursepulse.web.messages.drafts import WRITTEN_TO

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

#: Open alerts that are looked through, the newest first.
_MOST = 1000

#: Alerts about one student on a page.
_OF_ONE = 50


class AlertLooks:
    """:class:`coursepulse.dashboards.reader.TellsAlerts`."""

    def __init__(self, services: DashboardServices, viewer: Viewer) -> None:
        self._services, self._viewer = services, viewer

    def about_learners(self) -> OpenAlerts:
        """The open alerts about students of the viewer's own courses."""
        found = self._search(AlertFilter(Standing.OPEN, limit=_MOST))
        kept = [each for each in found if each.alert.course_id in self._viewer.course_ids]
        now = self._services.clock()
        return OpenAlerts(
            [each for each in kept if not _is_handled(each, now)],
            [each for each in kept if _is_handled(each, now)],
        )

    def about_learner(self, course: str, student: bytes) -> Sequence[KeptAlert]:
        """Every alert about one student in a course."""
        return self._search(AlertFilter(Standing.ALL, course=course, student=student, limit=_OF_ONE))

    def messages_to(self, student: bytes) -> list[Micros]:
        """When the viewer drafted a message to a student: what others did is not theirs to read."""
        search = Search(actor=self._viewer.subject, subject=to_text(student), tag=WRITTEN_TO)
        return [link.entry.at for link in self._services.trail.find(search, _OF_ONE)]

    def names(self, alerts: Sequence[KeptAlert]) -> Sequence[AlertNames]:
        """What they are about, in words."""
        inbox = self._services.alerts
        students = {to_text(kept.alert.student_id) for kept in alerts if kept.alert.student_id}
        if inbox is None or not students:
            return []
        note_each(self._services, self._viewer, READ_ALERT, students)
        return inbox.names([kept.alert for kept in alerts], self._viewer)

    def _search(self, wanted: AlertFilter) -> list[KeptAlert]:
        inbox = self._services.alerts
        found = inbox.search(wanted, self._viewer) if inbox else []
        return [each for each in found if each.alert.student_id]


def _is_handled(kept: KeptAlert, now: int) -> bool:
    return kept.acknowledged_at is not None or (kept.snoozed_until is not None and kept.snoozed_until > now)
