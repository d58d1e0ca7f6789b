"""What pages of cards may use of the server: numbers come from the metrics, and the rest is titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert, AlertNames, KeptAlert
from coursepulse.alerts.port import AlertFilter
from coursepulse.audit.chain import Link
from coursepulse.audit.port import Search, Trail
from coursepulse.campus.goals import Goal, GoalKind
from coursepulse.definitions.risk import RiskLimits
from coursepulse.insight.predictions import TeacherVerdict
from coursepulse.kit.clock import Clock, Micros
from coursepulse.kit.settings import Settings
from coursepulse.privacy.consent import Purpose
from coursepulse.web.break_glass.ports import FoundGrants, StudentNames
from coursepulse.web.http.ports import HasIdentity, MetricSource


class Titles(StudentNames, Protocol):
    """Knows what students, courses and teams are called, and who was erased."""

    def titles(self, courses: Iterable[str]) -> dict[str, str]:
        """What courses are called, as far as somebody said."""

    def teams(self, ids: Iterable[str], organisation: str) -> dict[str, str]:
        """Those of some teams that belong to an organisation, and what each is called."""

    def find_courses(self, text: str, limit: int) -> dict[str, str]:
        """Courses whose title or id holds a text, and what each is called."""

    def erased_since(self, student: bytes, since: Micros) -> bool:
        """Whether a student was erased at that moment or later."""


class FlaggedGrants(FoundGrants, Protocol):
    """Counts the access grants that are still to be looked into."""

    def count_flagged(self) -> int:
        """How many access grants no administrator has looked into."""


class RemovesBoardNames(Protocol):
    """Takes names off leaderboards."""

    def find(self, name: str) -> bytes | None:
        """The student with a name."""

    def remove(self, student: bytes, at: Micros) -> None:
        """Take the name of a student away: they are on no leaderboard until they choose another one."""


class KeepsOwnGoals(Protocol):
    """Keeps the goals that students set for themselves."""

    def put(self, student: bytes, goal: Goal, at: Micros) -> None:
        """Give a student a goal, in the place of an earlier one of the kind and course."""

    def drop(self, student: bytes, kind: GoalKind, course_id: str) -> bool:
        """Take a goal of a student away; whether there was one."""


class KeepsRiskLimits(Protocol):
    """Keeps where courses cut their risk matrix."""

    def at(self, moment: Micros) -> Mapping[str, RiskLimits]:
        """The limits at a moment, of the courses that had set their own."""

    def history(self, course: str) -> Sequence[LimitsSetAt]:
        """Every change of a course, the latest first."""

    def change(self, course: str, limits: RiskLimits, account: str, at: Micros) -> None:
        """Set the limits of a course from a moment on."""


class LimitsSetAt(Protocol):
    """The limits of a course from a moment on, and the account that set them."""

    @property
    def since(self) -> Micros:
        """The moment."""

    @property
    def limits(self) -> RiskLimits:
        """The limits."""

    @property
    def account(self) -> str:
        """Who set them."""


class KeepsVerdicts(Protocol):
    """Keeps what teachers say of predictions."""

    def judge(
        self, course_id: str, student: bytes, verdict: TeacherVerdict, because: str, account: str, at: Micros
    ) -> None:
        """Somebody says what they think of the newest prediction."""


class KnowsConsents(Protocol):
    """Knows what students agree to now."""

    def agrees(self, student: bytes, purpose: Purpose) -> bool:
        """Whether a student agrees to a purpose; unknown means no."""


class HasStudentNames(Protocol):
    """Can say what a student is called."""

    @property
    def campus(self) -> StudentNames:
        """Names by pseudonym."""


class KnowsMark(Protocol):
    """Knows how far everything is that open pages are told of."""

    @property
    def mark(self) -> str:
        """How far everything is that is asked for from now on."""


class TellsChanges(Protocol):
    """Tells open pages what has changed."""

    @property
    def live(self) -> KnowsMark:
        """How far everything is."""


class AlertInboxOfCards(Protocol):
    """Finds alerts and says what they are about."""

    def search(self, wanted: AlertFilter, viewer: Viewer) -> list[KeptAlert]:
        """Alerts that the viewer may see, newest first."""

    def names(self, alerts: Sequence[Alert], viewer: Viewer) -> list[AlertNames]:
        """What each of some alerts is about, in words that the viewer may read."""


class WritesAndFinds(Trail, Protocol):
    """Takes entries of the trail, and finds those of somebody's own."""

    def find(self, search: Search, limit: int) -> list[Link]:
        """The matching entries, newest first."""


class NotesCardFaults(Protocol):
    """Is told of cards that could not be read."""

    def note(self, card: str, error: Exception) -> None:
        """A card could not be read."""


class DashboardServices(TellsChanges, HasIdentity, Protocol):
    """Shows pages of cards, alone and in frames of other pages."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def metrics(self) -> MetricSource:
        """The one way to the numbers of students."""

    @property
    def campus(self) -> Titles:
        """What pages are called."""

    @property
    def clock(self) -> Clock:
        """The time of entries."""

    @property
    def trail(self) -> WritesAndFinds:
        """The audit trail."""

    @property
    def alerts(self) -> AlertInboxOfCards | None:
        """The alerts; None where this process only collects."""

    @property
    def board_names(self) -> RemovesBoardNames:
        """Names on leaderboards."""

    @property
    def card_faults(self) -> NotesCardFaults:
        """Cards that could not be read."""

    @property
    def goals(self) -> KeepsOwnGoals:
        """Goals of students."""

    @property
    def risk_limits(self) -> KeepsRiskLimits:
        """Where courses cut their risk matrix."""

    @property
    def predictions(self) -> KeepsVerdicts:
        """What teachers say of predictions."""

    @property
    def relations(self) -> KnowsConsents:
        """What students agree to now."""

    @property
    def break_glass(self) -> FlaggedGrants:
        """By which access grant a record is shown, and how many are to be looked into."""
