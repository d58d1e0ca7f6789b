"""Running planned jobs: claimed before, written down afterwards, and never twice for the same time."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol, TypeAlias

import structlog

from coursepulse.jobs.history import SELDOM, JobHistory
from coursepulse.jobs.planned import PLANNED, PlannedJob
from coursepulse.jobs.scheduler import Job, run_job
from coursepulse.kit.clock import MINUTE, Clock, Micros, from_micros, to_micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.job_run import JobRun

_log = structlog.get_logger(__name__)

#: A claim that nobody has renewed for so long is that of a process that is gone.
CLAIM_HELD: Micros = 3 * MINUTE

#: After a run that failed, this server tries the same time again.
_AGAIN: Micros = 10 * MINUTE

#: Seconds that a server which stops waits for a run.
_PATIENCE = 8.0

#: Who plans a run.
SERVER, AIRFLOW, COMMAND = "server", "airflow", "command"
PLANNERS = (SERVER, AIRFLOW, COMMAND)


NO_WISHES: Mapping[str, str] = MappingProxyType({})


class NoSuchJob(CoursepulseError):
    """No planned job has this name."""


class Errand(NamedTuple):
    """What a run is asked to do.

    :param due_at: the time that it is planned for
    :param wishes: what somebody wants of this run alone
    :param planned_by: `server`, `airflow` or `command`
    """

    due_at: datetime
    wishes: Mapping[str, str] = NO_WISHES
    planned_by: str = ""


#: Does the work of a job; a text that it returns is what the history says.
Work: TypeAlias = Callable[[Errand], object]


class RunState(NamedTuple):
    """How a run for a time stands.

    :param outcome: ``running``, or that of the last try: ``done``, ``failed`` or ``crashed``
    """

    job: str
    due_at: Micros
    outcome: str
    sentence: str = ""
    planned_by: str = ""


class ClaimsRuns(Protocol):
    """Claims of runs, which all processes share."""

    def claim(self, job: str, due_at: Micros, by: str) -> bool:
        """Whether ``by`` may run it; the one who has claimed it renews the claim."""

    def give_back(self, job: str, due_at: Micros, by: str) -> None:
        """Another one may try."""

    def let_go(self, job: str, due_at: Micros, before: Micros) -> None:
        """Take a claim away that was not renewed since."""

    def is_claimed(self, job: str, due_at: Micros) -> bool:
        """Whether somebody has it."""

    def latest(self, job: str) -> Micros | None:
        """The latest time that anybody has claimed."""


class KeepsRuns(Protocol):
    """The history of runs."""

    def of(self, job: str, due_at: Micros) -> JobRun | None:
        """The last run for a time."""


class PlannedRuns:
    """Runs planned jobs in this process. Any thread may ask.

    :param work: by name of job
    :param held: how long a claim holds that nobody renews
    """

    def __init__(
        self,
        work: Mapping[str, Work],
        claims: ClaimsRuns,
        runs: KeepsRuns,
        history: JobHistory,
        clock: Clock,
        held: Micros = CLAIM_HELD,
    ) -> None:
        self._work, self._claims, self._runs, self._history = work, claims, runs, history
        self._clock, self._held = clock, held
        self._threads: list[threading.Thread] = []

    @property
    def names(self) -> Collection[str]:
        """Of all jobs."""
        return self._work.keys()

    def run(
        self, name: str, due_at: Micros, planned_by: str, wishes: Mapping[str, str] = NO_WISHES
    ) -> RunState:
        """Do the work for a time, unless it was done or somebody is at it; returns how it stands.

        :raises NoSuchJob: when there is none with this name
        :raises StoreUnavailable: PostgreSQL does not answer, so nobody may begin
        """
        by = self._claim(name, due_at)
        if by is not None:
            self._do(name, due_at, planned_by, wishes, by)
        return self.state(name, due_at) or RunState(name, due_at, "failed", "The run was not written down.")

    def start(
        self, name: str, due_at: Micros, planned_by: str, wishes: Mapping[str, str] = NO_WISHES
    ) -> RunState:
        """The same without waiting for the end."""
        by = self._claim(name, due_at)
        if by is not None:
            thread = threading.Thread(
                target=self._do, args=(name, due_at, planned_by, wishes, by), name=f"job {name}", daemon=True
            )
            self._threads = [*(each for each in self._threads if each.is_alive()), thread]
            thread.start()
        return self.state(name, due_at) or RunState(name, due_at, "running", planned_by=planned_by)

    def state(self, name: str, due_at: Micros) -> RunState | None:
        """How a run stands; None for one that nobody has begun."""
        last = self._runs.of(name, due_at)
        if last is not None and (last.outcome == "done" or not self._claims.is_claimed(name, due_at)):
            return RunState(name, due_at, last.outcome, last.sentence, last.planned_by)
        return RunState(name, due_at, "running") if self._claims.is_claimed(name, due_at) else None

    def stop(self) -> None:
        """Wait for what runs, but not for long: a run that is cut off is done again when it is next asked for."""
        for thread in self._threads:
            thread.join(_PATIENCE)

    def _claim(self, name: str, due_at: Micros) -> str | None:
        """Who has claimed the run; None if that is somebody else."""
        if name not in self._work:
            raise NoSuchJob(f"There is no planned job `{name}`; `coursepulse jobs list` lists them.")
        last = self._runs.of(name, due_at)
        if last is not None and last.outcome == "done":
            return None
        self._claims.let_go(name, due_at, self._clock() - self._held)
        # Another name for each try: one that was thought dead and one that took over are never the same.
        by = secrets.token_hex(8)
        return by if self._claims.claim(name, due_at, by) else None

    def _do(self, name: str, due_at: Micros, planned_by: str, wishes: Mapping[str, str], by: str) -> None:
        began, started_at = time.monotonic(), self._clock()
        errand = Errand(from_micros(due_at), wishes, planned_by)
        with _Renewed(lambda: self._claims.claim(name, due_at, by), self._held / 4e6):
            outcome, sentence = run_job(Job(name, SELDOM, lambda: self._work[name](errand)))
        run = JobRun(name, started_at, self._clock(), outcome, sentence, due_at, planned_by)
        self._history.note(run, every=SELDOM, seconds=time.monotonic() - began)
        if outcome != "done":
            self._claims.give_back(name, due_at, by)


class _Renewed:
    """Renews a claim while work goes on."""

    def __init__(self, renew: Callable[[], object], every: float) -> None:
        self._renew, self._every = renew, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="claim")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._renew()
            except CoursepulseError as error:
                _log.warning("claim_not_renewed", error=str(error))


class EmbeddedPlanner:
    """Plans the table in this process, for installations without another planner."""

    def __init__(
        self,
        runs: PlannedRuns,
        claims: ClaimsRuns,
        clock: Clock,
        jobs: tuple[PlannedJob, ...] = PLANNED,
    ) -> None:
        self._runs, self._claims, self._clock, self._jobs = runs, claims, clock, jobs
        self._settled: dict[str, Micros] = {}
        self._again_at: dict[str, Micros] = {}

    def turn(self) -> None:
        """Run what is due: one after the other, and of a job that was missed only the latest time."""
        for job in self._jobs:
            now = self._clock()
            due_at = to_micros(job.plan.latest(from_micros(now)))
            if self._settled.get(job.name) != due_at and now >= self._again_at.get(job.name, 0):
                self._bring(job, due_at)

    def _bring(self, job: PlannedJob, due_at: Micros) -> None:
        name = job.name
        # A new installation has missed nothing: it begins with the next time.
        if not job.at_first and name not in self._settled and self._claims.latest(name) is None:
            self._claims.claim(name, due_at, "a new installation")
        elif self._runs.run(name, due_at, SERVER).outcome != "done":
            self._again_at[name] = self._clock() + _AGAIN
            return
        self._settled[name] = due_at
