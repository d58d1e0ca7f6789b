"""What alerts may use of the server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert, AlertNames, EvidenceEvent, KeptAlert, StudentContact
from coursepulse.alerts.port import AlertFilter
from coursepulse.alerts.rule import Rule, Values
from coursepulse.alerts.trial import Trial
from coursepulse.kit.clock import Micros
from coursepulse.web.dashboards.ports import TellsChanges
from coursepulse.web.http.ports import KnowsCourses, Writes


class AlertInboxPort(Protocol):
    """What people do with alerts. Every method raises StoreUnavailable when it cannot answer."""

    def search(self, wanted: AlertFilter, viewer: Viewer) -> list[KeptAlert]:
        """Alerts that the viewer may see, newest first."""

    def find(self, alerts: Collection[bytes], viewer: Viewer) -> list[KeptAlert]:
        """Those of some alerts that the viewer may see."""

    def names(self, alerts: Sequence[Alert], viewer: Viewer) -> list[AlertNames]:
        """What each of some alerts is about, in words that the viewer may read."""

    def contacts(self, students: Collection[bytes], viewer: Viewer) -> Mapping[bytes, StudentContact]:
        """How to write to some students of alerts that the viewer may see."""

    def note_messages(self, people: Collection[tuple[bytes, str]], viewer: Viewer) -> None:
        """The viewer drafted a message to these, each in a course."""

    def evidence(self, alert: Alert, viewer: Viewer) -> list[EvidenceEvent]:
        """The events behind an alert, as far as the viewer may see them."""

    def acknowledge(self, alerts: Collection[bytes], viewer: Viewer) -> int:
        """The viewer has seen to these; returns how many were not acknowledged before."""

    def snooze(self, alerts: Collection[bytes], until: Micros | None, viewer: Viewer) -> int:
        """Put these out of the way; returns how many that changed."""


class ThresholdStore(Protocol):
    """The numbers of rules in courses."""

    def values(self, rule: Rule, course: str) -> Values:
        """The numbers that hold in a course."""

    def own(self, rule: Rule, course: str) -> Mapping[str, float]:
        """Only what the course has set itself."""

    def change(
        self, rule: Rule, course: str, values: Mapping[str, float | None], account: str, at: Micros
    ) -> None:
        """Set numbers of a course; None takes one back to the usual number."""


class AlertTrials(Protocol):
    """Tries a rule on what is stored."""

    def run(self, rule: Rule, since: Micros) -> Trial:
        """What the rule would have raised since a moment, and how often that would have been right."""


class CourseTitles(Protocol):
    """Knows what courses are called."""

    def titles(self, courses: Iterable[str]) -> dict[str, str]:
        """What courses are called, as far as somebody said."""


class AlertServices(TellsChanges, Writes, Protocol):
    """Alerts, and the thresholds of their rules."""

    @property
    def metrics(self) -> KnowsCourses:
        """Turns a caller's own id into a pseudonym, and knows which courses there are."""

    @property
    def campus(self) -> CourseTitles:
        """Titles of courses."""

    @property
    def alerts(self) -> AlertInboxPort | None:
        """The alerts; None where this process only collects."""

    @property
    def thresholds(self) -> ThresholdStore | None:
        """The numbers of the rules; None where this process only collects."""

    @property
    def alert_trials(self) -> AlertTrials | None:
        """Tries rules; None where this process only collects."""
