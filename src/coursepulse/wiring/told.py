"""What other processes have changed, and what this one does about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coursepulse.store.postgres.changes import ChangedRow, ChangesFeed
from coursepulse.stream.ports import Renewed
from coursepulse.stream.stages import AppliedBatch

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


class ChangeReader:
    """Hands on each row after a number, once. One thread calls it.

    :param tell: is given each row
    """

    def __init__(self, feed: ChangesFeed, tell: Callable[[ChangedRow], None], after: int) -> None:
        self._feed, self._tell, self._after = feed, tell, after

    def read(self) -> None:
        """Hand on what has come since the last time.

        :raises StoreUnavailable: the rest is handed on the next time
        """
        for row in self._feed.after(self._after):
            self._tell(row)
            self._after = row.number


def open_screen_reader(of: Components) -> ChangeReader:
    """Open pages of this process are told, and what it keeps of people who were erased goes."""

    def tell(row: ChangedRow) -> None:
        if row.kind in ("erased", "renewed"):
            of.results.forget()
        else:
            of.live.note_learners(row.learners, row.latest_event_at)

    return ChangeReader(ChangesFeed(of.pool), tell, ChangesFeed(of.pool).newest())


def open_leader_reader(of: Components) -> ChangeReader:
    """What batches of all workers have changed is due for the followers, since the last one of which they are done."""

    def tell(row: ChangedRow) -> None:
        if row.kind == "served":
            renewed = Renewed(row.learners, row.days)
            batch = AppliedBatch(row.number, [renewed], 0, row.latest_event_at, row.noted_at)
            of.changed_keys.note(batch)

    return ChangeReader(ChangesFeed(of.pool), tell, of.raw.position("learners"))


class AlertReader:
    """Open pages are told of alerts that other processes have changed."""

    def __init__(self, of: Components) -> None:
        self._of = of
        self._after = of.alerts.changed_after(1 << 62).number

    def read(self) -> None:
        """Hand on what has changed since the last time."""
        changes = self._of.alerts.changed_after(self._after)
        if changes.changed or changes.gone:
            self._of.note_alerts(changes)
        self._after = max(self._after, changes.number)


def reload_settings(of: Components) -> None:
    """What instructors and administrators may have set at another server."""
    of.thresholds.load()
    of.risk_limits.load()


def reload_catalog(of: Components) -> None:
    """The catalog has changed, perhaps at another server."""
    of.assessments.load()
    of.catalog_changed.set()
    of.judges.sweep.note_catalog()
