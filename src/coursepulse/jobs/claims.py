"""Runs of jobs, claimed by name and time: however many plan the same job, each of its times is worked on once.

Before a run::

    if claims.claim("retention", due_at, by="airflow scheduled__2026-11-30"):
        run()

``due_at`` is the time that the run is planned for, the same for all who plan it: :func:`latest_due` for jobs with an
interval. A run that has failed may be handed back, for another try.
"""

from __future__ import annotations

from typing import Any

from coursepulse.jobs.scheduler import Job
from coursepulse.kit.clock import DAY, SECOND, Clock, Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

#: Claims are kept for so long after they were made or renewed.
CLAIMS_KEPT: Micros = 90 * DAY

_QUERIES = Queries("coursepulse.store.postgres.queries")


def latest_due(now: Micros, every: Micros) -> Micros:
    """The latest time at which a job was due that runs at this interval, counted from 1970."""
    return now - now % every


class IntervalPlanner:
    """Claims the jobs of a scheduler for the latest time at which each was due.

    :param by: names this process
    """

    def __init__(self, claims: JobClaims, by: str, clock: Clock) -> None:
        self._claims, self._by, self._clock = claims, by, clock
        self._due: dict[str, Micros] = {}

    def claim(self, job: Job) -> bool:
        """Whether this process may run the job for that time."""
        self._due[job.name] = due_at = latest_due(self._clock(), int(job.every * SECOND))
        return self._claims.claim(job.name, due_at, self._by)

    def give_back(self, job: Job) -> None:
        """Another process may try the same time."""
        self._claims.give_back(job.name, self._due[job.name], self._by)


class JobClaims:
    """Every method raises StoreUnavailable when PostgreSQL does not answer; then nobody may begin."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    def claim(self, job: str, due_at: Micros, by: str) -> bool:
        """Whether ``by`` may run a job for a time. Who has claimed a run may claim it again, to go on with it."""
        now = self._clock()
        values = {
            "job": job,
            "due_at": from_micros(due_at),
            "by": by,
            "now": from_micros(now),
            "oldest": from_micros(now - CLAIMS_KEPT),
        }
        with translate_errors("Claims of jobs"), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["job_claim"], values).fetchone()
        return found is not None

    def give_back(self, job: str, due_at: Micros, by: str) -> None:
        """A claimed run has failed: the next one to claim it may try."""
        values = {"job": job, "due_at": from_micros(due_at), "by": by}
        with translate_errors("Claims of jobs"), self._pool.connection() as connection:
            connection.execute(_QUERIES["job_give_back"], values)

    def let_go(self, job: str, due_at: Micros, before: Micros) -> None:
        """Take away a claim that was not renewed since ``before``, unless the run was done."""
        self._ask("job_let_go", job=job, due_at=from_micros(due_at), before=from_micros(before))

    def is_claimed(self, job: str, due_at: Micros) -> bool:
        """Whether somebody has claimed a run."""
        found = self._ask("job_is_claimed", job=job, due_at=from_micros(due_at))
        return bool(found and found[0])

    def latest(self, job: str) -> Micros | None:
        """The latest time of a job that anybody has claimed."""
        found = self._ask("job_latest_claim", job=job)
        return to_micros(found[0]) if found and found[0] else None

    def _ask(self, query: str, **values: object) -> tuple[Any, ...] | None:
        with translate_errors("Claims of jobs"), self._pool.connection() as connection:
            done = connection.execute(_QUERIES[query], values)
            return done.fetchone() if done.description else None
