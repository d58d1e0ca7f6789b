"""What jobs did: counted since the start, and written down for administrators if they run seldom."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

import structlog

from coursepulse.kit.clock import Clock, Micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.job_run import JobRun

#: Jobs with at least so many seconds between two runs are written down run by run: they are what people look for
#: afterwards. Of the others there would be hundreds of thousands a day.
SELDOM = 600.0

_log = structlog.get_logger(__name__)


class JobCount(NamedTuple):
    """The runs of one job since the start.

    :param runs: how many, by outcome
    """

    runs: dict[str, int]
    seconds: float
    ended_at: Micros


class JobHistory:
    """Takes every run of every scheduler; any thread may.

    :param keep: writes a run down
    """

    def __init__(self, clock: Clock, keep: Callable[[JobRun], None] = lambda _: None) -> None:
        self.clock, self._keep = clock, keep
        self._lock = threading.Lock()
        self._counts: dict[str, JobCount] = {}

    def note(self, run: JobRun, *, every: float, seconds: float) -> None:
        """A job has run that is due every so many seconds, and took so many."""
        with self._lock:
            runs, before, _ = self._counts.get(run.job, JobCount({}, 0.0, 0))
            runs = runs | {run.outcome: runs.get(run.outcome, 0) + 1}
            self._counts[run.job] = JobCount(runs, before + seconds, run.ended_at)
        if every >= SELDOM:
            self._write(run)

    def counts(self) -> dict[str, JobCount]:
        """By job, in the order in which each first ran."""
        with self._lock:
            return dict(self._counts)

    def _write(self, run: JobRun) -> None:
        try:
            self._keep(run)
        except CoursepulseError as error:
            # The job has run all the same.
            _log.warning("job_run_not_kept", job=run.job, error=str(error))
