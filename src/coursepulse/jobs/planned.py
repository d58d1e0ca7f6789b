"""The table of planned jobs: what is due at which hours, whether this server plans it or Airflow does.

What runs seldom and at known times is here. What follows the events at their own pace is in ``wiring/job_table.py``.
"""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.jobs.plan import JobPlan


class PlannedJob(NamedTuple):
    """A job of the table.

    :param name: of the job in its history, on the command line and in Airflow
    :param at_first: due in a new installation too, which has missed nothing
    :param minutes: how long a planner waits for its end before it calls the run failed
    """

    name: str
    plan: JobPlan
    what: str
    minutes: int = 60
    at_first: bool = False


AGGREGATES = PlannedJob(
    "aggregates",
    JobPlan(20, 0),
    "Makes the totals of the last days anew, and the rows of learners that are behind.",
)
RETENTION = PlannedJob(
    "retention", JobPlan(40), "Removes what is older than the settings allow.", at_first=True
)
WAREHOUSE_EXPORT = PlannedJob(
    "warehouse_export", JobPlan(30, 1), "Brings the Parquet files of the warehouse up to date.", 240
)
RISK_TRAINING = PlannedJob(
    "risk_training",
    JobPlan(30, 2, weekday=0),
    "Trains a model of risk, and shows it if it passes the gate.",
    240,
)
SUPERSET = PlannedJob(
    "superset", JobPlan(15, 3), "Makes the tables anew that Superset reads, if it is on.", 120
)
RECONCILIATION = PlannedJob(
    "reconciliation", JobPlan(0, 4), "Compares the events of the last days in both databases."
)
COMPLIANCE_REPORT = PlannedJob(
    "compliance_report", JobPlan(0, 5, day=1), "Writes the compliance report of the month before."
)

#: By time of day.
PLANNED = (
    AGGREGATES,
    RETENTION,
    WAREHOUSE_EXPORT,
    RISK_TRAINING,
    SUPERSET,
    RECONCILIATION,
    COMPLIANCE_REPORT,
)


def tell_plan() -> list[dict[str, object]]:
    """The table for other programs."""
    return [
        {"name": job.name, "cron": job.plan.cron, "what": job.what, "minutes": job.minutes} for job in PLANNED
    ]
