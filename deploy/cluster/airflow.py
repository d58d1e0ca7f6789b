"""Apache Airflow in the cluster: it plans the jobs, which then run in our servers."""

from __future__ import annotations

import json
import shlex
import urllib.request

from coursepulse.kit.errors import SettingError
from deploy.cluster.layout import HOST, ROOT, Layout, python
from deploy.cluster.program import Program

_BIN = ROOT / ".venv-airflow" / "bin"

#: What each program is called in an answer about Airflow's health.
_PARTS = {"airflow-api": "metadatabase", "airflow-scheduler": "scheduler", "airflow-dags": "dag_processor"}


def programs(layout: Layout) -> list[Program]:
    """Its three processes.

    :raises SettingError: when Airflow is not installed
    """
    airflow = _BIN / "airflow"
    if not airflow.exists():
        raise SettingError(
            "Airflow is not installed: run `make .stamp-airflow`, or leave airflow out (WITH=…)."
        )
    serve = [str(airflow), "api-server", "--host", HOST, "--port", str(layout.airflow), "--workers", "1"]
    # The one that the others wait for makes their database.
    begin = ["/bin/sh", "-c", f"{shlex.join([str(airflow), 'db', 'migrate'])} && exec {shlex.join(serve)}"]
    environment = _environment(layout)
    return [
        Program("airflow-api", 3, begin, "Airflow's pages", environment),
        Program(
            "airflow-scheduler",
            4,
            [str(airflow), "scheduler", "--skip-serve-logs"],
            "plans the jobs",
            environment,
        ),
        Program("airflow-dags", 4, [str(airflow), "dag-processor"], "reads deploy/airflow", environment),
    ]


def ask(port: int, name: str) -> str:
    """What Airflow says of one of the programs.

    :raises ValueError: when it is not well
    """
    with urllib.request.urlopen(f"http://{HOST}:{port}/api/v2/monitor/health", timeout=10) as answer:
        status = json.load(answer)[_PARTS[name]]["status"]
    if status != "healthy":
        raise ValueError(f"Airflow says {status or 'nothing'}")
    return f"port {port}" if name == "airflow-api" else str(status)


def _environment(layout: Layout) -> dict[str, str]:
    home = layout.data / "airflow"
    home.mkdir(parents=True, exist_ok=True)
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "deploy" / "airflow"),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{layout.airflow}/execution/",
        "AIRFLOW__API_AUTH__JWT_SECRET": layout.secret("airflow") * 2,
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PATH": f"{_BIN}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "COURSEPULSE_BIN": f"{python()} -m coursepulse",
        "COURSEPULSE_URL": layout.url,
        "COURSEPULSE_KEY": layout.api_key,
    }
