"""The planned jobs of coursepulse as DAGs, one each. They call the command; what a job does is in coursepulse."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

#: The output of `coursepulse jobs list --json`.
JOBS = json.loads((Path(__file__).parent / "jobs.json").read_text())

COMMAND = os.environ.get("COURSEPULSE_BIN", "coursepulse")

for job in JOBS:
    name = f"coursepulse_{job['name']}"
    with DAG(
        name,
        description=job["what"],
        schedule=job["cron"],
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        tags=["coursepulse"],
    ) as dag:
        BashOperator(
            task_id="run",
            bash_command=(
                f"{COMMAND} jobs run {job['name']} --planned-by airflow --for '{{{{ dag_run.run_after.isoformat() }}}}'"
            ),
            append_env=True,
            retries=2,
            retry_delay=timedelta(minutes=5),
            execution_timeout=timedelta(minutes=job["minutes"]),
        )
    globals()[name] = dag
