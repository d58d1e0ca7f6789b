"""Runs of jobs, written down for administrators."""

from __future__ import annotations

from typing import Any

from coursepulse.kit.clock import DAY, Micros, from_micros, to_micros
from coursepulse.kit.job_run import JobRun
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

#: Runs are kept for so long.
RUNS_KEPT: Micros = 90 * DAY

_QUERIES = Queries("coursepulse.store.postgres.queries")


class JobRuns:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def note(self, run: JobRun) -> None:
        """Write one down, and let go of those that are too old."""
        values = run._asdict() | {
            "started_at": from_micros(run.started_at),
            "ended_at": from_micros(run.ended_at),
            "planned_for": None if run.planned_for is None else from_micros(run.planned_for),
            "oldest": from_micros(run.ended_at - RUNS_KEPT),
        }
        with translate_errors("Runs of jobs"), self._pool.connection() as connection:
            connection.execute(_QUERIES["job_note"], values)

    def summary(self, since: Micros) -> list[dict[str, object]]:
        """Of each job, its runs since a moment, and the latest one."""
        names = ("job", "runs", "failed", "started_at", "took", "planned_by", "outcome", "sentence")
        with translate_errors("Runs of jobs"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["job_summary"], {"since": from_micros(since)}).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def newest(self, job: str = "", limit: int = 100) -> list[JobRun]:
        """Runs of one job or of all, newest first."""
        with translate_errors("Runs of jobs"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["job_list"], {"job": job, "limit": limit}).fetchall()
        return [_read(row) for row in rows]

    def of(self, job: str, due_at: Micros) -> JobRun | None:
        """The last run of a planned job for a time."""
        values = {"job": job, "planned_for": from_micros(due_at)}
        with translate_errors("Runs of jobs"), self._pool.connection() as connection:
            row = connection.execute(_QUERIES["job_last"], values).fetchone()
        return _read(row) if row else None


def _read(row: tuple[Any, ...]) -> JobRun:
    job, began, ended, outcome, sentence, planned_for, planned_by = row
    due_at = None if planned_for is None else to_micros(planned_for)
    return JobRun(job, to_micros(began), to_micros(ended), outcome, sentence, due_at, planned_by)
