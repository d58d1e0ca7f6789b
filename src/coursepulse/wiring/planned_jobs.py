"""The work of planned jobs: what each name in ``jobs/planned.py`` calls."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from coursepulse.compliance.monthly import MonthlyReport
from coursepulse.jobs.compare_stores import StoreComparison
from coursepulse.jobs.planned import (
    AGGREGATES,
    COMPLIANCE_REPORT,
    RECONCILIATION,
    RETENTION,
    RISK_TRAINING,
    SUPERSET,
    WAREHOUSE_EXPORT,
)
from coursepulse.jobs.renew import renew_aggregates
from coursepulse.jobs.runs import EmbeddedPlanner, Errand, PlannedRuns, Work
from coursepulse.store.postgres.compliance import ComplianceRows
from coursepulse.wiring.superset import renew_superset

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components

#: Wishes of one run of the warehouse export: days with commas between them, and another place.
DAYS, TO = "days", "to"


def open_planned(of: Components) -> PlannedRuns:
    """What runs planned jobs, planned here or by Airflow."""
    return PlannedRuns(list_work(of), of.claims, of.job_runs, of.job_history, of.clock)


def open_planner(of: Components) -> EmbeddedPlanner:
    """What plans them in this process."""
    return EmbeddedPlanner(of.planned, of.claims, of.clock)


def list_work(of: Components) -> dict[str, Work]:
    """The function behind each name."""
    compared = StoreComparison(of.pool, of.open_clickhouse, of.settings.raw_retention_days, of.clock)
    report = MonthlyReport(ComplianceRows(of.slow_pool), of.trail, of.settings.data / "compliance", of.clock)
    return {
        AGGREGATES.name: lambda _: renew_aggregates(of.open_clickhouse, of.raw, of.learning),
        RETENTION.name: lambda _: of.retention.run(),
        WAREHOUSE_EXPORT.name: lambda errand: export_warehouse(of, errand),
        RISK_TRAINING.name: lambda _: of.training.run(),
        SUPERSET.name: lambda _: renew_superset(of),
        RECONCILIATION.name: lambda _: compared.run(),
        COMPLIANCE_REPORT.name: lambda errand: report.write(errand.due_at),
    }


def export_warehouse(of: Components, errand: Errand) -> str:
    """The export in words.

    :raises NoWarehouse: when somebody wants an export and there is no place for it; a plan then has nothing to do
    """
    to = errand.wishes.get(TO, "")
    if not of.settings.warehouse and not to and errand.planned_by != "command":
        return "No warehouse is set: COURSEPULSE_WAREHOUSE is empty."
    days = [date.fromisoformat(day) for day in errand.wishes.get(DAYS, "").split(",") if day]
    return of.warehouse.export(days, to).sentence()
