"""Where alerts are kept."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import Alert, AlertSubject, KeptAlert
from coursepulse.alerts.rule import Severity
from coursepulse.kit.clock import Micros


class Standing(StrEnum):
    """Which alerts a list shows."""

    #: Open, and neither acknowledged nor snoozed.
    NEW = "new"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    CLEARED = "cleared"
    ALL = "all"


class AlertFilter(NamedTuple):
    """Which alerts somebody asks for. Empty means any.

    :param before: when the last alert of the page before was raised, and its id
    """

    standing: Standing = Standing.NEW
    rule: str = ""
    course: str = ""
    student: bytes | None = None
    limit: int = 100
    before: tuple[Micros, bytes] | None = None
    severity: Severity | None = None


class AlertChanges(NamedTuple):
    """What has changed among the alerts.

    :param number: of the latest change
    :param gone: ids of alerts that late events, an erasure or a withdrawn consent have removed
    """

    number: int
    changed: list[KeptAlert]
    gone: list[bytes]


#: Hears of changes in this process. It must return soon, and must not raise.
OnChanged: TypeAlias = Callable[[AlertChanges], None]


class AlertStore(Protocol):
    """Every method raises StoreUnavailable when the store does not answer. Saying the same twice changes nothing."""

    def put(self, alerts: Collection[Alert]) -> None:
        """Add alerts or change them; what people did with them stays. About students who refuse, nothing is kept."""

    def withdraw(self, alerts: Collection[bytes], at: Micros) -> None:
        """These should never have been raised: nobody sees them any more."""

    def clear(self, alerts: Collection[bytes], at: Micros) -> None:
        """The conditions of these are met no more."""

    def open_of(
        self,
        rule: str,
        subjects: Collection[AlertSubject] | None = None,
        *,
        cleared_after: Micros | None = None,
    ) -> list[Alert]:
        """Open alerts of a rule, and those that have cleared since a moment.

        :param subjects: only about these; about anything if None
        """

    def search(self, wanted: AlertFilter, viewer: Viewer, now: Micros) -> list[KeptAlert]:
        """Alerts that a viewer may see by the policies of the store, newest first."""

    def find(self, alerts: Collection[bytes], viewer: Viewer) -> list[KeptAlert]:
        """Those of some alerts that a viewer may see by the policies of the store."""

    def acknowledge(self, alerts: Collection[bytes], account: str, at: Micros) -> int:
        """Somebody has seen to these; returns how many were not acknowledged before."""

    def snooze(self, alerts: Collection[bytes], until: Micros | None, account: str) -> int:
        """Put these out of the way until a moment, or back if None; returns how many that changed."""

    def changed_after(self, number: int) -> AlertChanges:
        """What has changed since the change with this number. For the server itself: it judges no rights."""

    def forget(self, students: Collection[bytes]) -> int:
        """Remove every alert about some students; returns how many there were."""

    def prune(self, before: Micros) -> int:
        """Remove alerts that were over before a moment; returns how many there were."""

    def on_changed(self, callback: OnChanged) -> None:
        """Call this after each change that this process makes."""
