"""Retention: what is kept how long, and what goes."""

from __future__ import annotations

from datetime import timedelta

import structlog

from coursepulse.collect.dead_letters import DeadLetters
from coursepulse.kit.clock import DAY, HOUR, Clock, utc_date
from coursepulse.kit.settings import Settings
from coursepulse.log.port import EventLog
from coursepulse.metrics.rollups import Rollups
from coursepulse.store.postgres.raw import RawStore
from coursepulse.store.postgres.trail import PostgresTrail
from coursepulse.stream.pipeline import GROUP

_log = structlog.get_logger(__name__)


class Retention:
    """Drops what is older than the settings say; running it again finds nothing to do."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        raw: RawStore,
        log: EventLog,
        rollups: Rollups,
        letters: DeadLetters,
        trail: PostgresTrail,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._raw, self._log, self._rollups, self._letters = raw, log, rollups, letters
        self._trail = trail

    def run(self) -> str:
        """One turn; returns what went, in words, or nothing."""
        now = self._clock()
        made = self._raw.prepare(now)
        blocks = self._log.prune(now - self._settings.log_retention_hours * HOUR, GROUP)
        letters = self._letters.purge(now - self._settings.raw_retention_days * DAY)
        oldest = utc_date(now) - timedelta(days=self._settings.raw_retention_days)
        days = self._raw.expired_days(oldest)
        # Rollups first: a day is frozen before any of its raw events goes, or history would turn into zeros.
        self._rollups.freeze(days)
        dropped = self._raw.drop_days(days)
        entries = self._trail.prune(now - self._settings.audit_retention_days * DAY, now)
        gone = {
            "partitions made": made,
            "log events": blocks,
            "dead letters": letters,
            "raw days": dropped,
            "audit entries": entries,
        }
        return ", ".join(f"{count} {what}" for what, count in gone.items() if count)
