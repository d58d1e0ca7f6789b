"""What watching a server may use of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from coursepulse.collect.collector import Collector
from coursepulse.collect.stats import StepTime
from coursepulse.jobs.history import JobCount
from coursepulse.jobs.runs import NO_WISHES, RunState
from coursepulse.kit.clock import Micros
from coursepulse.kit.job_run import JobRun
from coursepulse.metrics.cache.cache import CacheReport
from coursepulse.web.http.ports import HealthReport, Writes


class JobCounts(Protocol):
    """Counts the runs of jobs."""

    def counts(self) -> dict[str, JobCount]:
        """By job, since the start."""


class JobRunList(Protocol):
    """Has the runs of jobs that run seldom."""

    def newest(self, job: str = "", limit: int = 100) -> list[JobRun]:
        """Runs of one job or of all, newest first."""


class RunsPlannedJobs(Protocol):
    """Runs planned jobs."""

    @property
    def names(self) -> Collection[str]:
        """Of all jobs."""

    def start(
        self, name: str, due_at: Micros, planned_by: str, wishes: Mapping[str, str] = NO_WISHES
    ) -> RunState:
        """Begin the run for a time, unless it was done or somebody is at it; returns how it stands."""

    def state(self, name: str, due_at: Micros) -> RunState | None:
        """How a run stands; None for one that nobody has begun."""


class QueryTimings(Protocol):
    """Times the steps of queries."""

    def timings(self) -> dict[str, StepTime]:
        """By step, since the start."""

    def cached(self) -> CacheReport | None:
        """What the result cache did, and what is in it."""


class CardFaultCounts(Protocol):
    """Counts the cards that could not be read."""

    def counts(self) -> Mapping[tuple[str, str], int]:
        """By card and cause, since the start."""


class OperationServices(Writes, Protocol):
    """What operators watch."""

    @property
    def collector(self) -> Collector:
        """Takes events, and counts them."""

    @property
    def health(self) -> HealthReport:
        """The state of the stores and the pipeline."""

    @property
    def metrics(self) -> QueryTimings:
        """Answers queries, and times their steps."""

    @property
    def card_faults(self) -> CardFaultCounts:
        """Cards that could not be read."""

    @property
    def jobs(self) -> JobCounts:
        """What jobs did since the start."""

    @property
    def planned(self) -> RunsPlannedJobs | None:
        """Runs planned jobs; None where this process only collects."""

    @property
    def job_runs(self) -> JobRunList:
        """Runs that were written down."""
