"""Each time of a job is worked on once, however many plan it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from coursepulse.jobs.claims import CLAIMS_KEPT, IntervalPlanner, JobClaims, latest_due
from coursepulse.jobs.scheduler import Job, Scheduler
from coursepulse.kit.clock import HOUR, MINUTE, to_micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.store.postgres.connect import Pool

NOW = to_micros(datetime(2026, 3, 9, 12, 20, tzinfo=UTC))
NOON = to_micros(datetime(2026, 3, 9, 12, tzinfo=UTC))


def test_the_latest_time_of_a_job_is_the_same_for_all_who_plan_it() -> None:
    assert latest_due(NOW, HOUR) == NOON
    assert latest_due(NOW + 39 * MINUTE, HOUR) == NOON
    assert latest_due(NOW + 40 * MINUTE, HOUR) == NOON + HOUR


def test_one_of_many_claims_each_time(pool: Pool) -> None:
    claims = JobClaims(pool, lambda: NOW)
    times = [NOON + number * HOUR for number in range(20)]
    with ThreadPoolExecutor(8) as several:
        for due_at in times:
            won = list(several.map(lambda by, due_at=due_at: claims.claim("export", due_at, by), "abcdefgh"))
            assert won.count(True) == 1
    assert claims.claim("another", NOON, "a")


def test_who_has_claimed_a_run_may_go_on_with_it_and_what_is_handed_back_is_free(pool: Pool) -> None:
    claims = JobClaims(pool, lambda: NOW)
    assert claims.claim("train", NOON, "one")
    assert claims.claim("train", NOON, "one")
    claims.give_back("train", NOON, "two")
    assert not claims.claim("train", NOON, "two")
    claims.give_back("train", NOON, "one")
    assert claims.claim("train", NOON, "two")


def test_old_claims_are_let_go(pool: Pool) -> None:
    def claim_beside(now: int) -> list[str]:
        JobClaims(pool, lambda: now).claim("new", now, "one")
        with pool.connection() as connection:
            found = connection.execute("SELECT job FROM job_claims WHERE job = 'old'").fetchall()
        return [job for (job,) in found]

    JobClaims(pool, lambda: NOW).claim("old", NOON, "one")
    assert claim_beside(NOW + CLAIMS_KEPT) == ["old"]
    assert claim_beside(NOW + CLAIMS_KEPT + 1) == []
    # A time long ago, as when a planner makes up for a year.
    JobClaims(pool, lambda: NOW).claim("old", NOON - 3 * CLAIMS_KEPT, "one")
    assert claim_beside(NOW + 1) == ["old"]


def test_two_schedulers_run_a_planned_job_once(pool: Pool) -> None:
    ran, beats = threading.Semaphore(0), threading.Semaphore(0)
    schedulers = []
    for name in ("one", "two"):
        planner = IntervalPlanner(JobClaims(pool, lambda: NOW), name, lambda: NOW)
        jobs = [Job("nightly", 3600, ran.release, planned=True), Job("beat", 0.01, beats.release)]
        schedulers.append(Scheduler(jobs, planner=planner))
    for scheduler in schedulers:
        scheduler.start()
    assert all(beats.acquire(timeout=5) for _ in range(6))
    for scheduler in schedulers:
        scheduler.stop()
    assert ran.acquire(blocking=False)
    assert not ran.acquire(blocking=False)


def test_a_run_that_fails_is_free_for_another_process(pool: Pool) -> None:
    claims = JobClaims(pool, lambda: NOW)

    def fail() -> None:
        raise StoreUnavailable("away")

    scheduler = Scheduler(
        [Job("nightly", 3600, fail, planned=True)], planner=IntervalPlanner(claims, "one", lambda: NOW)
    )
    scheduler.start()
    scheduler.stop()
    assert claims.claim("nightly", NOON, "two")


def test_without_postgres_no_planned_job_begins() -> None:
    class Away:
        def claim(self, job: Job) -> bool:
            raise StoreUnavailable("away")

        def give_back(self, job: Job) -> None:
            """Nothing was claimed."""

    ran, beats = threading.Semaphore(0), threading.Semaphore(0)
    jobs = [Job("nightly", 3600, ran.release, planned=True), Job("beat", 0.01, beats.release)]
    scheduler = Scheduler(jobs, planner=Away())
    scheduler.start()
    assert all(beats.acquire(timeout=5) for _ in range(3))
    scheduler.stop()
    assert not ran.acquire(blocking=False)
