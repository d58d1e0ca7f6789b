"""Runs a table of jobs, each at its own interval, one at a time in one thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import NamedTuple, Protocol

import structlog

from coursepulse.jobs.history import JobHistory
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.job_run import JobRun

_log = structlog.get_logger(__name__)


class Job(NamedTuple):
    """Something to be done again and again. Doing it twice must be harmless.

    :param every: seconds between two runs
    :param quiet: the same while nobody looks at numbers, if that is longer
    :param run: a text that it returns is logged
    :param rest: seconds to leave to others for each second that a run took
    :param lock: nobody else has it while the job runs
    :param planned: each of its times is worked on once, by whichever process claims it first
    """

    name: str
    every: float
    run: Callable[[], object]
    rest: float = 0.0
    quiet: float = 0.0
    lock: AbstractContextManager[object] = nullcontext()
    planned: bool = False


class JobPlanner(Protocol):
    """Decides which process runs a planned job."""

    def claim(self, job: Job) -> bool:
        """Whether this process may run the job now.

        :raises StoreUnavailable: it is not known; nobody may
        """

    def give_back(self, job: Job) -> None:
        """The run has failed: others may try."""


class _LastRun(NamedTuple):
    began: float
    ended: float


class Scheduler:
    """Runs ``jobs`` from :meth:`start` to :meth:`stop`. A job that fails is tried again at its next turn.

    :param history: is told of every run
    :param watched: whether somebody looks at numbers
    :param planner: is asked before each run of a planned job; without one this process runs them all
    """

    def __init__(
        self,
        jobs: list[Job],
        history: JobHistory | None = None,
        watched: Callable[[], bool] = lambda: True,
        planner: JobPlanner | None = None,
    ) -> None:
        self._last: dict[Job, _LastRun | None] = dict.fromkeys(jobs)
        self._history, self._watched, self._planner = history, watched, planner
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs")

    def start(self) -> None:
        """Every job runs once now, and then at its interval."""
        self._thread.start()

    def end(self) -> None:
        """Begin no other job."""
        self._stopping.set()

    def stop(self) -> None:
        """:meth:`end`, and return when the running job, if any, has ended."""
        self.end()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for job in self._last:
                if time.monotonic() >= self._due(job) and not self._stopping.is_set():
                    began = time.monotonic()
                    if self._may_run(job):
                        self._run_job(job)
                    self._last[job] = _LastRun(began, time.monotonic())
            self._stopping.wait(max(0.05, min(map(self._due, self._last), default=1.0) - time.monotonic()))

    def _due(self, job: Job) -> float:
        """When a job is to run next, as of now: that changes as soon as somebody looks."""
        last = self._last[job]
        if last is None:
            return 0.0
        every = job.every if self._watched() else max(job.every, job.quiet)
        return last.ended + max(every, job.rest * (last.ended - last.began))

    def _may_run(self, job: Job) -> bool:
        if self._planner is None or not job.planned:
            return True
        try:
            return self._planner.claim(job)
        except CoursepulseError as error:
            _log.warning("job_not_claimed", job=job.name, error=str(error))
            return False

    def _run_job(self, job: Job) -> None:
        if self._history is None:
            self._attempt(job)
            return
        clock, began = self._history.clock, time.monotonic()
        started_at = clock()
        outcome, sentence = self._attempt(job)
        run = JobRun(job.name, started_at, clock(), outcome, sentence)
        self._history.note(run, every=job.every, seconds=time.monotonic() - began)

    def _attempt(self, job: Job) -> tuple[str, str]:
        outcome, sentence = run_job(job)
        if self._planner is not None and job.planned and outcome != "done":
            with suppress(CoursepulseError):
                self._planner.give_back(job)
        return outcome, sentence


def run_job(job: Job) -> tuple[str, str]:
    """Run one job once; what goes wrong is logged and costs the others nothing. Returns the outcome, and words."""
    began = time.monotonic()
    try:
        with job.lock:
            result = job.run()
    except CoursepulseError as error:
        _log.warning("job_failed", job=job.name, error=str(error))
        return "failed", str(error)
    except (KeyboardInterrupt, SystemExit):
        raise
    # A bug in one job must not end the others. Not only Exception: a library written in Rust panics with none.
    except BaseException:  # noqa: BLE001
        _log.exception("job_crashed", job=job.name)
        return "crashed", "An unexpected error; see the server's log."
    said = result if isinstance(result, str) else ""
    if said:
        _log.info("job_done", job=job.name, result=said, seconds=round(time.monotonic() - began, 3))
    return "done", said
