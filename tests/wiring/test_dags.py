"""The DAGs: that they agree with the table and the command line, and that a real Airflow runs them once for each time.

The latter with ``make test-airflow``, which installs Airflow in an environment of its own.
"""

from __future__ import annotations

import json
import os
import runpy
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from coursepulse.cli.main import app
from coursepulse.jobs.planned import PLANNED, tell_plan
from tests.support.server import Platform, platform, wait_until

ROOT = Path(__file__).resolve().parents[2]
DAGS, AIRFLOW = ROOT / "deploy/airflow", ROOT / ".venv-airflow/bin/airflow"

#: Seconds: an Airflow that starts shares its cores with other things.
_PATIENCE = 900


def load_dags(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """By name, what the file gives each DAG and its task; Airflow itself is not there."""
    found: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    names: list[str] = []

    class Dag:
        def __init__(self, name: str, **given: Any) -> None:
            names.append(name)
            found[name] = (given, {})

        def __enter__(self) -> Dag:
            return self

        def __exit__(self, *_: object) -> None: ...

    def task(**given: Any) -> None:
        found[names[-1]][1].update(given)

    parts = ("airflow", "airflow.sdk", "airflow.providers", "airflow.providers.standard")
    for part in (*parts, "airflow.providers.standard.operators", "airflow.providers.standard.operators.bash"):
        monkeypatch.setitem(sys.modules, part, ModuleType(part))
    sys.modules["airflow.sdk"].DAG = Dag  # type: ignore[attr-defined]
    sys.modules["airflow.providers.standard.operators.bash"].BashOperator = task  # type: ignore[attr-defined]
    runpy.run_path(str(DAGS / "coursepulse_jobs.py"))
    return found


def test_the_dags_are_those_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads((DAGS / "jobs.json").read_text()) == tell_plan(), "run make docs"
    dags = load_dags(monkeypatch)
    assert {name: given["schedule"] for name, (given, _) in dags.items()} == {
        f"coursepulse_{job.name}": job.plan.cron for job in PLANNED
    }
    for given, task in dags.values():
        assert (given["catchup"], given["max_active_runs"]) == (False, 1)
        assert task["execution_timeout"] >= timedelta(minutes=10)


def test_each_task_calls_a_command_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    jobs = group.commands["jobs"]
    assert isinstance(jobs, TyperGroup)
    for name, (_, task) in load_dags(monkeypatch).items():
        program, *words = shlex.split(task["bash_command"])
        assert (program, words[:2]) == ("coursepulse", ["jobs", "run"])
        with jobs.commands["run"].make_context("run", words[2:]) as context:
            assert context.params["name"] == name.removeprefix("coursepulse_")
            assert context.params["planned_by"] == "airflow"
            assert context.params["planned_for"] == "{{ dag_run.run_after.isoformat() }}"


class RealAirflow:
    """Airflow in a folder of its own, with the DAGs of a copy of ours."""

    def __init__(self, folder: Path, server: Platform, key: str) -> None:
        self.dags, self.ports = folder / "dags", [free_port() for _ in range(2)]
        shutil.copytree(DAGS, self.dags, ignore=shutil.ignore_patterns("__pycache__"))
        self.environ = os.environ | {
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self.ports[0]}/execution/",
            "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of the tests that is long enough for a signature of 64 bytes",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "PATH": f"{AIRFLOW.parent}:{os.environ['PATH']}",
            "COURSEPULSE_BIN": f"{sys.executable} -m coursepulse",
            "COURSEPULSE_URL": server.server.url,
            "COURSEPULSE_KEY": key,
        }
        self.folder = folder

    def ask(self, *words: str) -> str:
        """What a command of Airflow says."""
        done = subprocess.run(
            [str(AIRFLOW), *words],
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
        return done.stdout + done.stderr

    @contextmanager
    def running(self) -> Iterator[None]:
        """Its three processes, as they are in production."""
        programs = (
            ("api-server", "--host", "127.0.0.1", "--port", str(self.ports[0]), "--workers", "1"),
            ("scheduler", "--skip-serve-logs"),
            ("dag-processor",),
        )
        with ExitStack() as stack:
            for words in programs:
                stack.enter_context(self._started(*words))
            yield

    @contextmanager
    def _started(self, *words: str) -> Iterator[None]:
        with (self.folder / f"{words[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(AIRFLOW), *words],
                env=self.environ,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("server"), scheduler="airflow") as sender:
        yield sender


@pytest.fixture(scope="module")
def airflow(server: Platform, tmp_path_factory: pytest.TempPathFactory) -> RealAirflow:
    made = (
        server.http.post("/v1/keys", json={"name": "airflow", "scopes": ["jobs"]}).raise_for_status().json()
    )
    real = RealAirflow(tmp_path_factory.mktemp("airflow"), server, made["secret"])
    real.ask("db", "migrate")
    return real


def planned(server: Platform, job: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = server.http.get(f"/v1/jobs?job={job}").raise_for_status().json()["runs"]
    return [run for run in runs if run["planned_by"] == "airflow"]


@pytest.mark.airflow
def test_a_dag_runs_its_job_in_the_server(server: Platform, airflow: RealAirflow) -> None:
    airflow.ask("dags", "test", "coursepulse_compliance_report", "2026-11-01T05:00:00+00:00")
    (run,) = planned(server, "compliance_report")
    assert run["outcome"] == "done"
    # A second one for the same time is told that it was done.
    when = run["planned_for"]
    again = server.http.post("/v1/jobs/compliance_report/runs", json={"planned_for": when}).json()
    assert (again["outcome"], again["sentence"]) == ("done", run["sentence"])
    assert len(planned(server, "compliance_report")) == 1


@pytest.mark.airflow
def test_airflows_scheduler_runs_a_job_at_its_time(server: Platform, airflow: RealAirflow) -> None:
    plan = json.loads((airflow.dags / "jobs.json").read_text())
    # Nobody waits for an hour: the same job, due every minute.
    soon = [job | {"cron": "* * * * *"} for job in plan if job["name"] == "retention"]
    (airflow.dags / "jobs.json").write_text(json.dumps(soon))
    airflow.ask("dags", "reserialize")
    airflow.ask("dags", "unpause", "coursepulse_retention", "--yes")
    with airflow.running():
        wait_until(lambda: bool(planned(server, "retention")), _PATIENCE)
    run = planned(server, "retention")[-1]
    due = datetime.fromisoformat(run["planned_for"])
    assert run["outcome"] == "done"
    # For the time that Airflow planned, not for that at which it came to it.
    assert (due.second, due.microsecond) == (0, 0)
    assert due <= datetime.now(UTC)
    times = [each["planned_for"] for each in planned(server, "retention")]
    assert len(times) == len(set(times))
