"""What people do with alerts: look at them, acknowledge them, snooze them. Only with those that they may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert, AlertNames, EvidenceEvent, KeptAlert, StudentContact
from coursepulse.alerts.labels import AlertLabels
from coursepulse.alerts.port import AlertFilter, AlertStore
from coursepulse.alerts.rights import AlertRights
from coursepulse.alerts.written import WrittenMessages
from coursepulse.kit.clock import Clock, Micros


class AlertInbox:
    """Every method raises StoreUnavailable when a database does not answer; nobody sees anything then."""

    def __init__(
        self,
        store: AlertStore,
        rights: AlertRights,
        labels: AlertLabels,
        clock: Clock,
        written: WrittenMessages,
    ) -> None:
        self._store, self._rights, self._labels, self._clock = store, rights, labels, clock
        self._written = written

    def search(self, wanted: AlertFilter, viewer: Viewer) -> list[KeptAlert]:
        """Alerts that the viewer may see, newest first."""
        seen: list[KeptAlert] = []
        while len(seen) < wanted.limit:
            found = self._store.search(wanted, viewer, self._clock())
            seen += self.visible(found, viewer)
            if len(found) < wanted.limit:
                break
            wanted = wanted._replace(before=(found[-1].alert.raised_at, found[-1].alert.alert_id))
        return seen[: wanted.limit]

    def find(self, alerts: Collection[bytes], viewer: Viewer) -> list[KeptAlert]:
        """Those of some alerts that the viewer may see."""
        return self.visible(self._store.find(alerts, viewer), viewer)

    def visible(self, found: Sequence[KeptAlert], viewer: Viewer) -> list[KeptAlert]:
        """Those of some alerts that the viewer may see, by what holds at this moment."""
        allowed = self._rights.visible(viewer, [kept.alert for kept in found])
        return [kept for kept, may in zip(found, allowed, strict=True) if may]

    def names(self, alerts: Sequence[Alert], viewer: Viewer) -> list[AlertNames]:
        """What each of some alerts is about, in words that the viewer may read."""
        return self._labels.names(alerts, viewer)

    def contacts(self, students: Collection[bytes], viewer: Viewer) -> dict[bytes, StudentContact]:
        """How to write to some students of alerts that the viewer may see."""
        return self._labels.contacts(students, viewer)

    def note_messages(self, people: Collection[tuple[bytes, str]], viewer: Viewer) -> None:
        """The viewer drafted a message to these, each in a course."""
        self._written.note(people, viewer.subject, self._clock())

    def evidence(self, alert: Alert, viewer: Viewer) -> list[EvidenceEvent]:
        """The events behind an alert that the viewer may see, as far as the viewer may see them."""
        return self._labels.evidence(alert, viewer)

    def acknowledge(self, alerts: Collection[bytes], viewer: Viewer) -> int:
        """The viewer has seen to these, which they may see; returns how many were not acknowledged before."""
        return self._store.acknowledge(alerts, viewer.subject, self._clock())

    def snooze(self, alerts: Collection[bytes], until: Micros | None, viewer: Viewer) -> int:
        """Put these out of the way, which the viewer may see; returns how many that changed."""
        return self._store.snooze(alerts, until, viewer.subject)
