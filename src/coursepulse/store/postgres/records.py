"""Academic records: what students achieved, kept longer than the events behind it."""

from __future__ import annotations

from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import Clock, Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.log.positions import from_number, last_event
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.store.postgres.raw import NAME, PostgresRawStore

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: The name of this consumer of raw events.
RECORDS = "academic_records"

#: The categories of essential events that are part of a record; payments are the platform's books, not ours.
_CATEGORIES = ("course", "lesson", "quiz", "assignment", "certificate")

TYPES_KEPT = [row.name for row in TYPES.values() if row.essential and row.category in _CATEGORIES]


class Records:
    """Fills ``academic_records`` from the raw events. Idempotent."""

    def __init__(self, pool: Pool, raw: PostgresRawStore, clock: Clock) -> None:
        self._pool, self._raw, self._clock = pool, raw, clock

    def keep(self) -> int:
        """Add what is new; returns the number of records."""
        after, up_to = self._raw.position(RECORDS), self._raw.position(NAME)
        if after >= up_to:
            return 0
        bounds = {"after": last_event(from_number(after)), "up_to": last_event(from_number(up_to))}
        with translate_errors("The academic records"), self._pool.connection() as connection:
            kept = connection.execute(_QUERIES["records_keep"], bounds | {"types": TYPES_KEPT}).rowcount
        self._raw.advance(RECORDS, up_to, None, self._clock())
        return kept

    def prune(self, before: Micros) -> int:
        """Remove records older than a moment; returns how many."""
        with translate_errors("The academic records"), self._pool.connection() as connection:
            return connection.execute(_QUERIES["records_prune"], {"before": from_micros(before)}).rowcount
