"""When planned jobs are due, and that the table, the command line, the DAGs and the work agree."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.jobs.plan import JobPlan
from coursepulse.jobs.planned import PLANNED, tell_plan
from coursepulse.kit.settings import Settings
from coursepulse.wiring.components import Components
from coursepulse.wiring.job_table import planned
from coursepulse.wiring.planned_jobs import list_work


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("plan", "cron", "now", "latest", "after"),
    [
        (JobPlan(40), "40 * * * *", "2026-03-09 12:20", "2026-03-09 11:40", "2026-03-09 12:40"),
        (JobPlan(40), "40 * * * *", "2026-03-01 00:10", "2026-02-28 23:40", "2026-03-01 00:40"),
        (JobPlan(30, 1), "30 1 * * *", "2026-03-09 01:30", "2026-03-09 01:30", "2026-03-10 01:30"),
        (JobPlan(30, 1), "30 1 * * *", "2026-03-09 01:29:59", "2026-03-08 01:30", "2026-03-09 01:30"),
        # 2026-03-09 is a Monday.
        (JobPlan(30, 2, weekday=0), "30 2 * * 1", "2026-03-09 02:00", "2026-03-02 02:30", "2026-03-09 02:30"),
        (JobPlan(30, 2, weekday=6), "30 2 * * 0", "2026-03-09 02:00", "2026-03-08 02:30", "2026-03-15 02:30"),
        (JobPlan(0, 5, day=1), "0 5 1 * *", "2026-03-01 04:59", "2026-02-01 05:00", "2026-03-01 05:00"),
    ],
)
def test_when_a_job_is_due(plan: JobPlan, cron: str, now: str, latest: str, after: str) -> None:
    assert (plan.cron, plan.latest(at(now)), plan.after(at(now))) == (cron, at(latest), at(after))


@pytest.mark.parametrize("job", PLANNED, ids=lambda job: job.name)
def test_between_two_times_the_first_is_the_latest(job: object) -> None:
    plan: JobPlan = job.plan  # type: ignore[attr-defined]
    moment = at("2026-01-31 00:00")
    for _ in range(40):
        following = plan.after(moment)
        assert plan.latest(following) == following > moment
        assert plan.latest(following - timedelta(seconds=1)) == plan.latest(moment)
        moment = following


def test_every_planned_job_has_work_and_no_work_is_unplanned(tmp_path: object) -> None:
    parts = Components(Settings())
    # Names alone: nothing is opened for them.
    for name in ("pool", "slow_pool", "trail", "raw", "retention", "training", "claims", "job_runs"):
        vars(parts)[name] = None
    assert list(list_work(parts)) == [job.name for job in PLANNED]


def test_the_command_line_lists_the_table_without_a_server() -> None:
    told = CliRunner().invoke(app, ["jobs", "list", "--json"], catch_exceptions=False)
    assert json.loads(told.output) == tell_plan()
    assert {job.name for job in PLANNED} <= {each["name"] for each in json.loads(told.output)}
    assert "warehouse_export" in CliRunner().invoke(app, ["jobs", "list"]).output


def test_only_one_plans() -> None:
    ours, theirs = Components(Settings()), Components(Settings(scheduler="airflow"))
    for parts in (ours, theirs):
        for name in ("planner",):
            vars(parts)[name] = Stub()
    assert [job.name for job in planned(ours)] == ["planned"]
    assert planned(theirs) == []


class Stub:
    """Has every method that a table of jobs names."""

    def turn(self) -> None:
        """Nothing."""
