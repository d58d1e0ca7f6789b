"""What operators see of a running server: numbers for Prometheus, and the runs of jobs."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from coursepulse.collect.steps import STEPS
from coursepulse.kit.clock import DAY
from coursepulse.kit.job_run import JobRun
from coursepulse.metrics.run import STEPS as QUERY_STEPS
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.job_runs import RUNS_KEPT, JobRuns
from coursepulse.stream.stages import STAGES
from coursepulse.web.operation.prometheus import FAMILIES
from tests.support.browsing import sign_in
from tests.support.server import Platform, wait_until

PASSWORD = "a good long password"

#: A sample by its name and the values of its labels.
Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture(scope="module")
def key(running_server: Platform) -> str:
    """A key that may watch the server and nothing else."""
    return make_key(running_server, "watcher", "monitor")


def make_key(server: Platform, name: str, scope: str) -> str:
    answer = server.http.post("/v1/keys", json={"name": name, "scopes": [scope]})
    return str(answer.raise_for_status().json()["secret"])


def get(server: Platform, path: str, key: str) -> httpx.Response:
    return httpx.get(server.server.url + path, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def read(server: Platform, key: str) -> Samples:
    """Every sample of the page, by the parser of the client library."""
    text = get(server, "/metrics", key).raise_for_status().text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {name: family.type for name, family in families.items()} == {
        name: each.kind for name, each in FAMILIES.items()
    }
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in families.values()
        for sample in family.samples
    }


def test_the_numbers_follow_what_happens(running_server: Platform, key: str) -> None:
    server = running_server
    server.agree("monitored-ann")
    before = read(server, key)
    event = {
        "event_id": "monitored-1",
        "event_type": "lesson_start",
        "timestamp": datetime.now(UTC).isoformat(),
        "student_id": "monitored-ann",
        "session_id": "monitored-visit",
        "context": {"course_id": "monitored-course", "lesson_id": "lesson-1"},
        "payload": {},
    }
    server.send(event, event | {"event_type": "nonsense"})
    server.send(event)
    server.settle()
    after = read(server, key)

    def more(name: str, *labels: str) -> float:
        return after[name, labels] - before.get((name, labels), 0)

    assert more("coursepulse_events_total", "accepted") == 2
    assert more("coursepulse_events_total", "unknown_event_type") == 1
    assert more("coursepulse_pipeline_events_total", "applied") == 1
    assert more("coursepulse_pipeline_events_total", "duplicate") == 1
    for step in ("authenticate", *(step.__name__ for step in STEPS), "append"):
        assert more("coursepulse_step_seconds_count", step) == 2
        assert more("coursepulse_step_seconds_sum", step) > 0
    for stage in STAGES:
        assert more("coursepulse_stage_seconds_count", stage.__name__) >= 1
        assert more("coursepulse_stage_seconds_sum", stage.__name__) > 0
    for query_step in QUERY_STEPS:
        assert more("coursepulse_query_step_seconds_count", query_step.__name__) >= 1
    for bound in ("300.0", "3600.0", "+Inf"):
        assert more("coursepulse_freshness_seconds_bucket", bound) >= 1
    assert more("coursepulse_freshness_seconds_count") == more("coursepulse_freshness_seconds_bucket", "+Inf")
    assert more("coursepulse_freshness_seconds_sum") > 0
    assert after["coursepulse_cpu_seconds_total", ("server",)] > 0
    assert after["coursepulse_cpu_seconds_total", ("ingest",)] > 0
    assert after["coursepulse_lag_events", ()] == 0
    assert after["coursepulse_pipeline_up", ()] == 1
    assert after["coursepulse_store_up", ("postgres",)] == after["coursepulse_store_up", ("clickhouse",)] == 1
    newest = after["coursepulse_latest_data_timestamp_seconds", ()]
    assert abs(newest - datetime.now(UTC).timestamp()) < 60
    assert after["coursepulse_dead_letters", ("unknown_event_type",)] >= 1
    assert more("coursepulse_job_runs_total", "learners", "done") >= 1
    assert after["coursepulse_job_last_run_timestamp_seconds", ("consents",)] > newest - 60


def test_the_numbers_tell_about_nobody(running_server: Platform, key: str) -> None:
    server = running_server
    server.agree("named-nowhere")
    text = get(server, "/metrics", key).text
    pseudonym = Pseudonyms((server.data / "pseudonym.key").read_bytes()).of("named-nowhere").hex()
    for name in ("named-nowhere", pseudonym, "watcher", "local"):
        assert name not in text


@pytest.mark.parametrize("path", ["/metrics", "/v1/jobs"])
def test_only_keys_with_the_scope_may_look(running_server: Platform, path: str) -> None:
    assert httpx.get(running_server.server.url + path, timeout=30).status_code == 401
    reader = make_key(running_server, f"reader{path.replace('/', '-')}", "read")
    assert get(running_server, path, reader).json()["code"] == "scope_missing"


def test_the_key_may_do_nothing_else(running_server: Platform, key: str) -> None:
    for path in ("/v1/metrics/pipeline", "/v1/audit", "/v1/keys", "/v1/compliance"):
        assert get(running_server, path, key).status_code == 403, path


def test_administrators_see_what_the_slow_jobs_did(running_server: Platform, key: str) -> None:
    server = running_server
    wait_until(lambda: bool(get(server, "/v1/jobs?job=retention", key).json()["runs"]))
    for role, status in (("admin", 200), ("instructor", 403)):
        account = {"login_name": f"jobs-{role}", "role": role, "password": PASSWORD}
        server.http.post("/v1/accounts", json=account).raise_for_status()
        with closing(sign_in(server.server.url, f"jobs-{role}", PASSWORD)) as http:
            assert http.get("/v1/jobs").status_code == status
    runs = get(server, "/v1/jobs", key).json()["runs"]
    assert {run["job"] for run in runs} >= {"retention", "sessions", "sign-in failures"}
    assert "learners" not in {run["job"] for run in runs}
    latest = next(run for run in runs if run["job"] == "retention")
    assert latest["outcome"] == "done"
    assert datetime.fromisoformat(latest["started_at"]) <= datetime.fromisoformat(latest["ended_at"])
    assert len(get(server, "/v1/jobs?limit=1", key).json()["runs"]) == 1


def test_old_runs_go(pool: Pool) -> None:
    runs, now = JobRuns(pool), 100 * 365 * DAY // 2
    old, new = (JobRun("retention", at, at + 1, "done", "") for at in (now - RUNS_KEPT - 2, now))
    runs.note(old)
    assert runs.newest() == [old]
    runs.note(new)
    assert runs.newest() == [new]
    assert runs.newest("sessions") == []


def test_consumers_that_have_everything_stand_at_the_same_position(running_server: Platform) -> None:
    running_server.agree("follow-ann")
    running_server.send(
        {
            "event_id": "follow-1",
            "event_type": "course_enroll",
            "timestamp": datetime.now(UTC).isoformat(),
            "student_id": "follow-ann",
            "session_id": "follow-s",
            "context": {"course_id": "follow-101"},
            "payload": {},
        }
    )
    running_server.settle()
    positions = {row["name"]: row["position"] for row in running_server.metric("pipeline")}
    assert positions["raw"] == positions["served"] == positions["learners"] > 0
