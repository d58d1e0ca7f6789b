"""Rollups that leave out whoever has not agreed, from the first event on."""

from __future__ import annotations

from typing import Generic

from coursepulse.events.event import Event
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.stream.ports import Rollups, Taken


class GuardedRollups(Generic[Taken]):
    """:class:`coursepulse.stream.ports.Rollups` that tells ``not_agreed`` of students before it counts their events."""

    def __init__(self, rollups: Rollups[Taken], not_agreed: NotAgreed) -> None:
        self._rollups, self._not_agreed = rollups, not_agreed

    def insert(self, events: list[Event]) -> Taken:
        """See :meth:`coursepulse.metrics.rollups.Rollups.insert`."""
        self._not_agreed.see({event.student_id for event in events})
        return self._rollups.insert(events)

    def renew(self, taken: Taken, cycle: int) -> None:
        """See :meth:`coursepulse.metrics.rollups.Rollups.renew`."""
        self._rollups.renew(taken, cycle)

    def refresh(self, events: list[Event], cycle: int) -> None:
        """See :meth:`coursepulse.metrics.rollups.Rollups.refresh`."""
        self._not_agreed.see({event.student_id for event in events})
        self._rollups.refresh(events, cycle)
