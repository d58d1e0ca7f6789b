"""Runs of jobs are counted, and those of seldom jobs written down."""

from __future__ import annotations

import threading

from coursepulse.jobs.history import SELDOM, JobHistory
from coursepulse.jobs.scheduler import Job, Scheduler
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.job_run import JobRun


def crash() -> None:
    raise ZeroDivisionError


def fail() -> None:
    raise StoreUnavailable("PostgreSQL is away.")


def run(jobs: list[Job], history: JobHistory) -> None:
    """Every job once."""
    over = threading.Event()
    scheduler = Scheduler([*jobs, Job("over", SELDOM / 2, over.set)], history)
    scheduler.start()
    assert over.wait(timeout=5)
    scheduler.stop()


def test_seldom_jobs_are_written_down_with_their_outcome() -> None:
    kept: list[JobRun] = []
    times = iter(range(10, 100))
    history = JobHistory(lambda: next(times), kept.append)
    jobs = [
        Job("retention", SELDOM, lambda: "3 log events"),
        Job("sessions", SELDOM, fail),
        Job("purge", SELDOM, crash),
        Job("often", 1.0, lambda: "busy"),
    ]
    run(jobs, history)
    assert kept == [
        JobRun("retention", 10, 11, "done", "3 log events"),
        JobRun("sessions", 12, 13, "failed", "PostgreSQL is away."),
        JobRun("purge", 14, 15, "crashed", "An unexpected error; see the server's log."),
    ]
    counts = history.counts()
    assert list(counts) == ["retention", "sessions", "purge", "often", "over"]
    assert counts["purge"].runs == {"crashed": 1}
    assert counts["often"].runs == {"done": 1}
    assert counts["sessions"].ended_at == 13


def test_a_run_that_cannot_be_written_down_counts() -> None:
    def refuse(_: JobRun) -> None:
        raise StoreUnavailable("away")

    history = JobHistory(lambda: 1, refuse)
    run([Job("retention", SELDOM, lambda: None)], history)
    assert history.counts()["retention"].runs == {"done": 1}
