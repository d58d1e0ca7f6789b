"""A cluster under load loses its parts one by one and two at once: acknowledged, stored once, and in the numbers.

``CLUSTER_ROUNDS`` says how many rounds of kills there are, and ``CLUSTER_STOPPED`` for how many seconds a worker stands
still.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import httpx
import psycopg
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from deploy.cluster import servers, stores
from deploy.cluster.layout import HOST, ROOT, Layout
from tests.deploy.running import PATIENCE, RunningCluster, acknowledge_more, running, total
from tests.faults.test_kafka_kill import is_empty
from tests.support.server import wait_until

pytestmark = pytest.mark.cluster

PORT, BASE = 22_099, 22_000

ROUNDS = int(os.environ.get("CLUSTER_ROUNDS", "30"))
STOPPED = float(os.environ.get("CLUSTER_STOPPED", "60"))

#: The folder that puts a clock ahead.
CLOCK = ROOT / "tests" / "deploy" / "clock"

#: Who dies in a round. Over the rounds everybody does, and many pairs.
VICTIMS = (
    ("broker-leader",),
    ("worker-1",),
    ("redis-master",),
    ("postgres",),
    ("flink-taskmanager",),
    ("collector-1",),
    ("web-1",),
    ("kafka-2", "worker-2"),
    ("collector-2", "redis-master"),
    ("postgres", "worker-1"),
    ("worker-1", "worker-2"),
    ("flink-taskmanager", "kafka-1"),
    ("kafka-3", "collector-1"),
    ("flink-jobmanager", "worker-2"),
    ("clickhouse",),
    ("proxy", "web-2"),
    ("postgres-replica", "redis-master"),
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    data = tmp_path_factory.mktemp("cluster") / "data"
    layout = Layout(data, PORT, BASE, frozenset({"kafka", "redis", "replica", "proxy", "flink"}))
    with running(layout):
        cluster = RunningCluster(layout)
        cluster.agree()
        yield cluster
        cluster.close()


def test_the_servers_may_start_at_once_on_topics_that_nobody_has_made(cluster: RunningCluster) -> None:
    assert cluster.down() == []
    logs = cluster.layout.data / "log"
    said = "".join(path.read_text() for path in logs.glob("*.log") if path.stem in servers.ROLES)
    assert "SettingError" not in said
    assert "Kafka topic" not in said


def test_every_kill_costs_nothing(cluster: RunningCluster) -> None:
    with cluster.load() as senders:
        for number in range(ROUNDS):
            victims = VICTIMS[number % len(VICTIMS)]
            before = total(senders)
            cluster.kill(*victims)
            killed = datetime.now(UTC)
            # Somebody goes on taking events, everybody is back, and processors know of what happened since.
            wait_until(partial(acknowledge_more, senders, before), PATIENCE)
            cluster.await_whole()
            wait_until(partial(is_live_since, cluster, killed), PATIENCE)
    assert cluster.check_counts() > 10 * ROUNDS


def is_live_since(cluster: RunningCluster, moment: datetime) -> bool:
    """Whether a session goes on that has an event from after this moment: only a processor knows of it."""
    port = cluster.layout.server(list(servers.ROLES).index("web-1"))
    headers = {"Authorization": f"Bearer {cluster.layout.api_key}"}
    url, course = f"http://{HOST}:{port}/v1/metrics/course_now", {"course": "course-0"}
    try:
        rows = httpx.get(url, params=course, headers=headers, timeout=60).raise_for_status().json()["rows"]
    except httpx.HTTPError:
        return False
    return any(datetime.fromisoformat(row["last_activity_at"]) > moment for row in rows)


def test_a_poison_record_is_a_dead_letter_that_every_server_shows(cluster: RunningCluster) -> None:
    brokers = ",".join(f"{HOST}:{port}" for port in cluster.layout.kafka)
    producer = Producer({"bootstrap.servers": brokers, "acks": "all"})
    producer.produce("events", b"this is no event", partition=0)
    assert producer.flush(60) == 0
    with cluster.load() as senders:
        wait_until(partial(acknowledge_more, senders, total(senders) + 50), PATIENCE)
    cluster.check_counts()
    shown = ['coursepulse_dead_letters{reason="unstorable"} 1.0']
    for number, name in enumerate(servers.ROLES):
        if servers.ROLES[name] == "web":
            wait_until(partial(shows, cluster, cluster.layout.server(number), shown), PATIENCE)


def shows(cluster: RunningCluster, port: int, wanted: list[str]) -> bool:
    headers = {"Authorization": f"Bearer {cluster.layout.api_key}"}
    told = httpx.get(f"http://{HOST}:{port}/metrics", headers=headers, timeout=60).raise_for_status().text
    return [line for line in told.splitlines() if line.startswith("coursepulse_dead_letters{")] == wanted


def test_brokers_that_lack_a_copy_refuse_and_nothing_acknowledged_is_lost(cluster: RunningCluster) -> None:
    """All three copies are demanded, and one broker is away: every collector spools until it is back."""
    spools = [cluster.layout.data / name / "log" / "spool.sqlite" for name in ("collector-1", "collector-2")]
    demand_copies(cluster, 3)
    try:
        with cluster.load() as senders:
            cluster.stop("kafka-3")
            wait_until(lambda: not all(is_empty(path) for path in spools), PATIENCE)
            wait_until(partial(acknowledge_more, senders, total(senders) + 200), PATIENCE)
            cluster.start("kafka-3")
            wait_until(lambda: all(is_empty(path) for path in spools), PATIENCE)
    finally:
        demand_copies(cluster, 2)
    cluster.check_counts()


def demand_copies(cluster: RunningCluster, copies: int) -> None:
    """In how many brokers an event must be before it is acknowledged."""
    entry = ConfigEntry("min.insync.replicas", str(copies), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, "events", incremental_configs=[entry])
    admin = cluster.admin()  # kept: without it, the answer is lost
    admin.incremental_alter_configs([resource])[resource].result(60)


def test_a_worker_that_stood_still_comes_back_to_what_others_have_done(cluster: RunningCluster) -> None:
    stopped = cluster.pid("worker-2")
    with cluster.load() as senders:
        os.kill(stopped, signal.SIGSTOP)
        try:
            began = time.monotonic()
            wait_until(partial(acknowledge_more, senders, total(senders) + 50), PATIENCE)
            time.sleep(max(0.0, STOPPED - (time.monotonic() - began)))
        finally:
            os.kill(stopped, signal.SIGCONT)
        wait_until(partial(acknowledge_more, senders, total(senders) + 50), PATIENCE)
    cluster.check_counts()
    cluster.await_whole()


def test_a_collector_whose_clock_is_an_hour_ahead_changes_no_count(cluster: RunningCluster) -> None:
    layout, port = cluster.layout, cluster.layout.server(8)
    environment = os.environ | servers.settings(layout, "collector-1")
    environment |= {
        "COURSEPULSE_DATA": str(layout.data / "collector-3"),
        "PYTHONPATH": os.pathsep.join([str(CLOCK), os.environ.get("PYTHONPATH", "")]),
        "CLOCK_AHEAD": "3600",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "coursepulse", "serve", "--port", str(port)], cwd=ROOT, env=environment
    )
    try:
        wait_until(partial(answers, port), PATIENCE)
        with cluster.load(f"http://{HOST}:{port}", senders=1) as senders:
            wait_until(partial(acknowledge_more, senders, 50), PATIENCE)
        ahead = total(senders)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    cluster.check_counts()
    with psycopg.connect(layout.dsn("owner")) as connection:
        row = connection.execute(
            "SELECT count(*) FROM student_activity_events WHERE received_at > event_timestamp + interval '50 min'"
        ).fetchone()
    assert row
    assert row[0] >= ahead


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/v1/health", timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def test_the_replica_takes_over_from_a_lost_primary(cluster: RunningCluster) -> None:
    """One that is behind. The last test: afterwards there is no replica any more."""
    layout = cluster.layout
    with cluster.load() as senders:
        with psycopg.connect(layout.dsn("owner", layout.postgres + 1), autocommit=True) as replica:
            replica.execute("ALTER SYSTEM SET primary_conninfo = ''")
            replica.execute("SELECT pg_reload_conf()")
        before = len(cluster.stored())
        wait_until(lambda: len(cluster.stored()) > before + 50, PATIENCE)
        cluster.kill("postgres")
        cluster.stop("postgres")
        folder = layout.data / "postgres-replica"
        stores.run_tool(folder, "pg_ctl", "promote", "-D", str(folder))
        wait_until(partial(acknowledge_more, senders, total(senders) + 50), PATIENCE)
    cluster.check_counts(layout.postgres + 1)
