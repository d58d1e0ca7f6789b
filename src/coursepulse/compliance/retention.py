"""Retention: what is kept how long, and what goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from coursepulse.aggregates.rollups import Rollups
from coursepulse.alerts.port import AlertStore
from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.kit.clock import DAY, HOUR, Clock, Micros, from_micros, utc_date
from coursepulse.kit.settings import Settings
from coursepulse.log.port import EventLog
from coursepulse.store.archives import Archives
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.records import Records
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.store.postgres.retention import RetentionRuns
from coursepulse.store.postgres.shown_steps import ShownSteps
from coursepulse.store.postgres.trail import PostgresTrail
from coursepulse.stream.stages import GROUP

#: Academic records are kept for seven years.
RECORDS_KEPT: Micros = 7 * 366 * DAY

#: An archive of personal data waits this long to be fetched.
ARCHIVES_KEPT: Micros = 7 * DAY


class PrunesPredictions(Protocol):
    """Keeps what models said of learners."""

    def prune(self, before: Micros) -> int:
        """Let go of what was said before a moment; returns how many rows went."""


class Gone(NamedTuple):
    """What one turn removed of one kind."""

    what: str
    removed: int
    oldest_left: datetime | None


class Retention:
    """Drops what is older than the settings say; running it again finds nothing to do."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        raw: PostgresRawStore,
        log: EventLog,
        rollups: Rollups,
        dead_letters: DeadLetterQueue,
        trail: PostgresTrail,
        records: Records,
        archives: Archives,
        requests: RequestStore,
        runs: RetentionRuns,
        alerts: AlertStore,
        predictions: PrunesPredictions,
        steps: ShownSteps,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._raw, self._log, self._rollups, self._dead_letters = raw, log, rollups, dead_letters
        self._trail = trail
        self._records, self._archives, self._requests, self._runs = records, archives, requests, runs
        self._alerts, self._predictions, self._steps = alerts, predictions, steps

    def run(self) -> str:
        """One turn; returns what went, in words, or nothing."""
        now = self._clock()
        self._raw.prepare(now)
        gone = [each for each in self._remove(now) if each.removed]
        for each in gone:
            self._runs.note(now, each.what, each.removed, each.oldest_left)
        return ", ".join(f"{each.removed} {each.what}" for each in gone)

    def _remove(self, now: Micros) -> list[Gone]:
        log_from = now - self._settings.log_retention_hours * HOUR
        raw_from = now - self._settings.raw_retention_days * DAY
        # Records before raw days: what a day says of achievements is kept before the day goes.
        self._records.keep()
        events = self._log.prune(log_from, GROUP)
        dead_letters = self._dead_letters.purge(raw_from)
        days = self._drop_days(now)
        # What an alert rests on is in the raw events: it stays no longer than they do.
        alerts = self._alerts.prune(raw_from)
        steps = self._steps.prune(raw_from)
        said_from = now - self._settings.prediction_retention_days * DAY
        predictions = self._predictions.prune(said_from)
        records = self._records.prune(now - RECORDS_KEPT)
        archives = self._archives.prune(now - ARCHIVES_KEPT)
        entries_from = now - self._settings.audit_retention_days * DAY
        entries = self._trail.prune(entries_from, now)
        self._requests.expire(now - ARCHIVES_KEPT)
        oldest_day, oldest_record = self._runs.oldest()
        oldest_archive = self._archives.oldest()
        return [
            Gone("log events", events, from_micros(log_from)),
            Gone("dead letters", dead_letters, from_micros(raw_from)),
            Gone("raw days", days, oldest_day),
            Gone("alerts", alerts, from_micros(raw_from)),
            Gone("next steps", steps, from_micros(raw_from)),
            Gone("predictions", predictions, from_micros(said_from)),
            Gone("academic records", records, oldest_record),
            Gone("audit entries", entries, from_micros(entries_from)),
            Gone("exports", archives, from_micros(oldest_archive) if oldest_archive else None),
        ]

    def _drop_days(self, now: Micros) -> int:
        days = self._raw.expired_days(utc_date(now) - timedelta(days=self._settings.raw_retention_days))
        # Rollups first: a day is frozen before any of its raw events goes, or history would turn into zeros.
        self._rollups.freeze(days)
        return self._raw.drop_days(days)
