"""What each sender sent, day by day."""

from __future__ import annotations

from collections.abc import Sequence

from coursepulse.collect.senders import SenderCount
from coursepulse.kit.clock import DAY, Clock, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Days for which counts are kept: long enough to compare with the same week of the year before.
_KEPT = 400


class SenderCounts:
    """Counts of many collectors, added up."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    def add(self, counts: Sequence[SenderCount]) -> None:
        """Add counts to those of before, and let go of those that are too old.

        :param counts: each thing once
        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        values = {
            "days": [from_micros(each.day * DAY).date() for each in counts],
            "senders": [each.sender for each in counts],
            "whats": [each.what for each in counts],
            "numbers": [each.number for each in counts],
            "oldest": from_micros(self._clock() - _KEPT * DAY).date(),
        }
        with translate_errors("Counts of senders"), self._pool.connection() as connection:
            connection.execute(_QUERIES["sender_counts_add"], values)
