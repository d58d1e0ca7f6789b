"""Taking single events back: with the pipeline at rest, every number becomes what it would be without them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TypeAlias

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.rollups import Rollups
from coursepulse.compliance.erasure import Stores
from coursepulse.kit.clock import Clock, utc_date
from coursepulse.store.clickhouse.withdrawal import remove_events
from coursepulse.store.postgres.withdrawal import RawWithdrawal, WithdrawnEvent

#: Seconds to wait for the pipeline to come to rest before the sender is asked to try again.
_PATIENCE = 10.0

_DAY = timedelta(days=1)

#: Stream processors look back three days at most, at events that came up to a day late.
_REACH = timedelta(days=5)

_Found: TypeAlias = Collection[WithdrawnEvent]


class Withdrawals:
    """Takes events back. A crash on the way leaves them to be found again: PostgreSQL is told last."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores, self._clock = stores, clock
        self._raw = RawWithdrawal(stores.pool)

    def withdraw(self, events: Collection[bytes], tell: Callable[[set[bytes]], None]) -> int:
        """Take back those of these events that are stored; returns how many there were.

        :param tell: writes down whose they are, before anything is taken back
        :raises StoreUnavailable: when the pipeline is far behind, or a database does not answer: repeat it
        """
        if not events:
            tell(set())
            return 0
        stores = self._stores
        up_to = stores.log.newest()
        with stores.pipeline.held(up_to, _PATIENCE), stores.learning, stores.profiling:
            found = self._raw.find(events)
            tell({each.student for each in found})
            if found:
                stores.records.keep()
                self._take_back(found)
            return len(found)

    def _take_back(self, found: _Found) -> None:
        stores = self._stores
        days = {each.day for each in found}
        client = stores.open_clickhouse()
        try:
            remove_events(client, [each.event for each in found], days)
            stores.forget()
            # An event is judged with those of the days beside it.
            around = sorted({day + offset for day in days for offset in (-_DAY, 0 * _DAY, _DAY)})
            version = stores.raw.next_version()
            rollups = Rollups(client)
            rollups.rebuild(around, version)
            rollups.refresh_platform(around, version)
            LearnerRollups(client, stores.desk).renew(
                {(each.course_id, each.student) for each in found}, version
            )
            Profiles(stores.open_clickhouse, stores.pool).refresh({each.student for each in found}, version)
        finally:
            client.close()
            stores.forget_results()
        self._renew_states(found)
        self._raw.empty(found)

    def _renew_states(self, found: _Found) -> None:
        """Live sessions, running scores and alerts are as if the events had never come."""
        since = utc_date(self._clock()) - _REACH
        for student in {each.student for each in found}:
            self._stores.pipeline.renew(student, self._raw.carried(student, found, since))
