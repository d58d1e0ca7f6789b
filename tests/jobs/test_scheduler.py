"""Jobs run again and again, and one that fails costs the others nothing."""

from __future__ import annotations

import threading

from coursepulse.jobs.scheduler import Job, Scheduler
from coursepulse.kit.errors import StoreUnavailable


def test_a_failing_job_is_tried_again_and_the_others_go_on() -> None:
    failures, done = threading.Semaphore(0), threading.Semaphore(0)

    def fail() -> None:
        failures.release()
        raise StoreUnavailable("away")

    def crash() -> None:
        failures.release()
        raise ZeroDivisionError

    scheduler = Scheduler(
        [Job("fail", 0.01, fail), Job("crash", 0.01, crash), Job("work", 0.01, done.release)]
    )
    scheduler.start()
    assert all(failures.acquire(timeout=5) for _ in range(6))
    assert all(done.acquire(timeout=5) for _ in range(3))
    scheduler.stop()


def test_each_job_runs_at_the_start_and_then_at_its_interval() -> None:
    often, seldom = threading.Semaphore(0), threading.Semaphore(0)
    scheduler = Scheduler([Job("often", 0.01, often.release), Job("seldom", 3600, seldom.release)])
    scheduler.start()
    assert all(often.acquire(timeout=5) for _ in range(5))
    scheduler.stop()
    assert seldom.acquire(blocking=False)
    assert not seldom.acquire(blocking=False)


def test_a_job_waits_for_its_lock_and_gives_it_back() -> None:
    lock, ran = threading.Lock(), threading.Semaphore(0)
    scheduler = Scheduler([Job("locked", 0.01, ran.release, lock=lock)])
    with lock:
        scheduler.start()
        assert not ran.acquire(timeout=0.2)
    assert ran.acquire(timeout=5)
    scheduler.stop()
    assert lock.acquire(blocking=False)


def test_a_quiet_job_waits_while_nobody_looks_and_goes_on_as_soon_as_somebody_does() -> None:
    looks, ran, beat = threading.Event(), threading.Semaphore(0), threading.Semaphore(0)
    jobs = [Job("seldom", 0.01, ran.release, quiet=3600), Job("beat", 0.01, beat.release)]
    scheduler = Scheduler(jobs, watched=looks.is_set)
    scheduler.start()
    try:
        # The first run is due at the start in any case.
        assert ran.acquire(timeout=5)
        assert all(beat.acquire(timeout=5) for _ in range(5))
        assert not ran.acquire(blocking=False)
        looks.set()
        assert all(ran.acquire(timeout=5) for _ in range(3))
    finally:
        scheduler.stop()
