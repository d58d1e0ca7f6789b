"""``GET /v1/jobs``: what the slow jobs did and when, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from coursepulse.access.viewer import Role
from coursepulse.collect.keys import MONITOR
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.job_run import JobRun
from coursepulse.web import reach
from coursepulse.web.http.auth import api_viewer
from coursepulse.web.http.request import AnyRequest


class JobRunRow(msgspec.Struct, frozen=True):
    """A run of a job.

    :param outcome: ``done``, ``failed`` or ``crashed``; it is tried again at its next turn
    :param sentence: what was done, or what went wrong
    :param planned_for: the time that the run was planned for; null for jobs with an interval
    :param planned_by: `server`, `airflow` or `command`; empty for jobs with an interval
    """

    job: str
    started_at: datetime
    ended_at: datetime
    outcome: str
    sentence: str
    planned_for: datetime | None
    planned_by: str


class JobRunPage(msgspec.Struct, frozen=True):
    """Runs, newest first."""

    runs: list[JobRunRow]


OneJob = Annotated[str, QueryParameter(name="job", description="Only this job.", max_length=40)]
Limit = Annotated[int, QueryParameter(name="limit", description="How many runs.", ge=1, le=1000)]


@get("/v1/jobs", tags=["operation"], sync_to_thread=True)
def list_job_runs(request: AnyRequest, job: OneJob = "", limit: Limit = 100) -> JobRunPage:
    """What the jobs did that run every ten minutes or less often: when, for how long and with which outcome.

    For administrators, and for keys with the scope `monitor`. Runs are kept for 90 days.
    """
    viewer = api_viewer(request, MONITOR)
    if viewer.role not in (Role.ADMIN, Role.SERVICE):
        raise RequestError("forbidden", "You may not see this.", 403)
    return JobRunPage([_show(run) for run in reach.operation(request).job_runs.newest(job, limit)])


def _show(run: JobRun) -> JobRunRow:
    started_at, ended_at = from_micros(run.started_at), from_micros(run.ended_at)
    planned_for = None if run.planned_for is None else from_micros(run.planned_for)
    return JobRunRow(run.job, started_at, ended_at, run.outcome, run.sentence, planned_for, run.planned_by)


routes = [list_job_runs]
