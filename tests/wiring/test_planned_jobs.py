"""Planned jobs and the warehouse export over a running server, as a command and as Airflow ask for them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from coursepulse.cli.main import app
from coursepulse.kit.errors import CoursepulseError
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.warehouse.keys import WarehouseKeys
from coursepulse.warehouse.tables import Kind
from tests.support.server import Platform, platform, wait_until

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def command(server: Platform, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--data", str(server.data)], catch_exceptions=True)


def event(number: int, student: str, at: datetime) -> dict[str, object]:
    return {
        "event_id": f"{student}-{number}",
        "event_type": "lesson_complete",
        "timestamp": at.isoformat(),
        "student_id": student,
        "session_id": "visit",
        "context": {"course_id": "of-the-warehouse", "lesson_id": f"l{number}"},
        "payload": {},
    }


def learner(server: Platform, student: str) -> str:
    secret = (server.data / "pseudonym.key").read_bytes()
    return WarehouseKeys(secret).of(Pseudonyms(secret).of(student), Kind.LEARNER)


def learners(folder: Path) -> set[str]:
    files = json.loads((folder / "manifest.json").read_text())["files"]
    paths = [folder / file["path"] for file in files if file["table"] == "learner_days"]
    return {row for path in paths for row in pl.read_parquet(path)["learner"]}


def make_key(server: Platform, name: str, scope: str) -> str:
    made = server.http.post("/v1/keys", json={"name": name, "scopes": [scope]}).raise_for_status()
    return str(made.json()["secret"])


def test_an_export_by_command_holds_those_who_agree(running_server: Platform, tmp_path: Path) -> None:
    server, yesterday = running_server, NOW - timedelta(days=1)
    server.agree("lake-yes")
    server.send(
        event(1, "lake-yes", yesterday), event(2, "lake-yes", yesterday), event(1, "lake-no", yesterday)
    )
    server.settle()
    told = command(server, "warehouse", "export", "--to", f"file://{tmp_path}")
    assert told.output.startswith("Export 1: "), told.output
    assert learner(server, "lake-yes") in learners(tmp_path)
    assert learner(server, "lake-no") not in learners(tmp_path)
    nowhere = command(server, "warehouse", "export")
    assert (nowhere.exit_code, "No warehouse is set" in str(nowhere.exception)) == (1, True)


def test_a_day_that_is_none_is_refused_before_anything_runs(running_server: Platform) -> None:
    refused = command(running_server, "warehouse", "export", "--day", "yesterday")
    assert isinstance(refused.exception, CoursepulseError)
    assert "is not a day" in str(refused.exception)
    refused = command(running_server, "warehouse", "export", "--day", "2999-01-01")
    assert "has not begun yet" in str(refused.exception)


def test_a_time_that_was_done_is_told_and_not_done_again(running_server: Platform) -> None:
    when = (NOW - timedelta(days=2)).isoformat()
    words = ("jobs", "run", "compliance_report", "--for", when, "--planned-by", "airflow")
    first = command(running_server, *words)
    assert "compliance-" in first.output, (first.output, first.exception)
    assert command(running_server, *words).output == first.output
    runs = running_server.http.get("/v1/jobs?job=compliance_report").json()["runs"]
    (run,) = [run for run in runs if run["planned_by"] == "airflow"]
    assert datetime.fromisoformat(run["planned_for"]) == datetime.fromisoformat(when)
    shown = {row["job"]: row["planned_by"] for row in running_server.metric("job_runs")}
    assert shown["compliance_report"] == "airflow"
    assert shown["sessions"] is None
    report = next((running_server.data / "compliance").glob("*.json"))
    assert json.loads(report.read_text())["chain"]["holds"]
    assert report.stat().st_mode & 0o077 == 0


def test_superset_is_off_unless_somebody_turns_it_on(running_server: Platform) -> None:
    assert (
        "Superset is off: its tables are empty." in command(running_server, "jobs", "run", "superset").output
    )
    refused = running_server.http.post("/v1/superset-guests", json={"login_name": "nobody"})
    assert (refused.status_code, refused.json()["code"]) == (409, "superset_off")


@pytest.mark.parametrize("job", ["aggregates", "retention", "reconciliation", "risk_training"])
def test_every_job_can_be_asked_for(running_server: Platform, job: str) -> None:
    running_server.settle()
    done = command(running_server, "jobs", "run", job, "--for", (NOW - timedelta(days=3)).isoformat())
    assert done.exit_code == 0, (done.output, done.exception)
    # It is in the history.
    wait_until(lambda: bool(running_server.http.get(f"/v1/jobs?job={job}").json()["runs"]))


def test_what_cannot_be_asked_for(running_server: Platform) -> None:
    path = "/v1/jobs/retention/runs"
    for body, code in (
        ({"planned_for": "2026-03-01T00:00:00"}, "invalid_time"),
        ({"planned_for": (NOW + timedelta(days=61)).isoformat()}, "invalid_time"),
        ({"planned_for": "1969-12-31T23:00:00Z"}, "invalid_time"),
    ):
        assert running_server.http.post(path, json=body).json()["code"] == code
    unknown = running_server.http.post("/v1/jobs/dance/runs", json={"planned_for": NOW.isoformat()})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_job")
    never = running_server.http.get(path, params={"planned_for": (NOW - timedelta(days=20)).isoformat()})
    assert (never.status_code, never.json()["code"]) == (404, "no_run")


def test_a_key_of_planners_may_run_jobs_and_name_no_place(running_server: Platform, tmp_path: Path) -> None:
    planner = make_key(running_server, "planner-of-jobs", "jobs")
    reader = make_key(running_server, "watcher-of-jobs", "monitor")
    path = f"{running_server.server.url}/v1/jobs/warehouse_export/runs"
    wish = {"planned_for": (NOW - timedelta(days=4)).isoformat(), "planned_by": "airflow"}

    def ask(key: str, **more: str) -> httpx.Response:
        return httpx.post(path, json=wish | more, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    assert ask(reader).json()["code"] == "scope_missing"
    assert ask(planner, to=f"file://{tmp_path}").json()["code"] == "scope_missing"
    assert list(tmp_path.iterdir()) == []
    assert ask(planner).status_code == 202
    words = ("--url", running_server.server.url, "--key", planner, "--for", wish["planned_for"])
    assert "No warehouse is set" in command(running_server, "jobs", "run", "warehouse_export", *words).output


@pytest.mark.long
def test_an_erased_student_leaves_with_the_next_export_and_the_receipt_says_when(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    with platform(tmp_path / "data", warehouse=f"file://{folder}") as server:
        yesterday = NOW - timedelta(days=1)
        server.agree("lake-gone", "lake-stays")
        server.send(event(1, "lake-gone", yesterday), event(1, "lake-stays", yesterday))
        server.settle()
        command(server, "warehouse", "export")
        assert learners(folder) == {learner(server, "lake-gone"), learner(server, "lake-stays")}
        number = server.http.post("/v1/privacy/erasures", json={"student": "lake-gone"}).json()["request_id"]

        def line() -> str:
            found = server.http.get(f"/v1/privacy/requests/{number}").json()
            notes = [each["note"] for each in found["receipt"] if each["store"] == "warehouse"]
            return str(notes[0]) if found["state"] == "done" and notes else ""

        wait_until(lambda: bool(line()))
        assert "leave all files with the next export, planned for" in line()
        assert learner(server, "lake-gone") in learners(folder)
        command(server, "warehouse", "export")
        assert learner(server, "lake-gone") not in learners(folder)
        assert line().startswith("rows are gone from all files since the export of ")
