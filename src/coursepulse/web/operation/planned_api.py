"""``POST /v1/jobs/{job}/runs``: a planner or a command has a planned job run for a time, and asks how it stands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from coursepulse.collect.keys import ADMIN, JOBS
from coursepulse.jobs.runs import RunState
from coursepulse.kit.clock import DAY, Micros, from_micros, to_micros
from coursepulse.kit.errors import RequestError, StoreUnavailable
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import key_viewer, needs
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.operation.ports import OperationServices, RunsPlannedJobs

#: How far ahead a run may be planned for.
_FAR: Micros = 60 * DAY


class WantedRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run of a planned job.

    :param planned_for: the time that it is planned for, ISO 8601 with an offset: for each time a job runs once
    :param days: of the warehouse export: also these days, whether they have changed or not
    :param to: of the warehouse export: another place than that of the settings; only for keys of the server itself
    """

    planned_for: datetime
    planned_by: Literal["airflow", "command"] = "command"
    days: Annotated[list[date], Meta(max_length=400)] = []
    to: Annotated[str, Meta(max_length=1000)] = ""


class PlannedRun(msgspec.Struct, frozen=True):
    """How a run stands.

    :param outcome: `running`, `done`, `failed` or `crashed`; one that failed may be asked for again
    :param sentence: what was done, or what went wrong
    :param planned_by: `server`, `airflow` or `command`; empty while it runs elsewhere
    """

    job: str
    planned_for: datetime
    outcome: str
    sentence: str
    planned_by: str


PlannedFor = Annotated[datetime, QueryParameter(name="planned_for", description="The time, ISO 8601.")]


@post(
    "/v1/jobs/{job:str}/runs",
    operation_id="V1JobsStartPlannedRun",
    guards=[needs(JOBS)],
    tags=["operation"],
    status_code=202,
    sync_to_thread=True,
)
def start_planned_run(request: AnyRequest, job: FromPath[str], data: JSONBody[WantedRun]) -> PlannedRun:
    """Have a planned job run for a time, unless it was done for that time or somebody is at it.

    Returns at once; ask `GET` with the same time until the outcome is not `running`. Needs a key with the scope `jobs`.
    """
    services = reach.operation(request)
    planned = _planned(services)
    due_at = _read_time(data.planned_for, services.clock())
    wishes = {"days": ",".join(map(str, data.days)), "to": data.to}
    # A place that somebody names gets files about students.
    viewer = key_viewer(request, ADMIN if data.to else JOBS)
    _require(planned, job)
    note(services, viewer, "operation:job:run", "", f"job={job} planned_for={data.planned_for.isoformat()}")
    return _show_state(planned.start(job, due_at, data.planned_by, {k: v for k, v in wishes.items() if v}))


@get(
    "/v1/jobs/{job:str}/runs",
    operation_id="V1JobsShowPlannedRun",
    guards=[needs(JOBS)],
    tags=["operation"],
    sync_to_thread=True,
)
def show_planned_run(request: AnyRequest, job: FromPath[str], planned_for: PlannedFor) -> PlannedRun:
    """How the run of a planned job for a time stands. Needs a key with the scope `jobs`."""
    services = reach.operation(request)
    planned = _planned(services)
    _require(planned, job)
    state = planned.state(job, _read_time(planned_for, services.clock()))
    if state is None:
        raise RequestError("no_run", "Nobody has begun this run.", 404)
    return _show_state(state)


def _planned(services: OperationServices) -> RunsPlannedJobs:
    if services.planned is None:
        raise StoreUnavailable(
            "This process only collects events. Send the request to the process that stores them."
        )
    return services.planned


def _require(planned: RunsPlannedJobs, job: str) -> None:
    if job not in planned.names:
        raise RequestError("no_job", "There is no planned job with this name.", 404)


def _read_time(moment: datetime, now: Micros) -> Micros:
    if moment.tzinfo is None:
        raise RequestError("invalid_time", "`planned_for` needs an offset from UTC, such as Z.")
    due_at = to_micros(moment.astimezone(UTC))
    if not 0 <= due_at <= now + _FAR:
        raise RequestError("invalid_time", "`planned_for` must be after 1970, and 60 days ahead at most.")
    return due_at


def _show_state(state: RunState) -> PlannedRun:
    return PlannedRun(state.job, from_micros(state.due_at), state.outcome, state.sentence, state.planned_by)


routes = [start_planned_run, show_planned_run]
