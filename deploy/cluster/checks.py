"""Who is up: each program asked in its own language, not only whether its process lives."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from typing import NamedTuple

import psycopg

from deploy.cluster import airflow, flink, superset
from deploy.cluster.layout import HOST, Layout
from deploy.cluster.program import Program
from deploy.cluster.servers import servers

#: Seconds for an answer: who is slow is not down.
_PATIENCE = 10


class State(NamedTuple):
    """One line of the table."""

    name: str
    up: bool
    detail: str
    says: str


def look(layout: Layout, programs: list[Program]) -> list[State]:
    """The state of every program."""
    return [_state(layout, each) for each in programs]


def _state(layout: Layout, program: Program) -> State:
    try:
        detail = _check_of(layout, program.name)()
    except (OSError, psycopg.Error, subprocess.SubprocessError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        return State(program.name, False, reason, program.says)
    return State(program.name, True, detail, program.says)


def _check_of(layout: Layout, name: str) -> Callable[[], str]:
    kind, _, number = name.partition("-")
    checks: dict[str, Callable[[], str]] = {
        "postgres": lambda: _ask_postgres(layout, replica=bool(number)),
        "clickhouse": lambda: _connect(layout.clickhouse),
        "kafka": lambda: _connect(layout.kafka[int(number) - 1]),
        "redis": lambda: _ask_redis(int(number)),
        "proxy": lambda: _ask_server(layout.port),
        "flink": lambda: flink.ask(layout.flink, name),
        "airflow": lambda: airflow.ask(layout.airflow, name),
        "superset": lambda: superset.ask(layout, name),
        "campus": lambda: "sends events",
    }
    return checks.get(kind, lambda: _ask_server(layout.server(servers().index(name))))


def _connect(port: int) -> str:
    with socket.create_connection((HOST, port), timeout=_PATIENCE):
        return f"port {port}"


def _ask_postgres(layout: Layout, *, replica: bool) -> str:
    port = layout.postgres + replica
    with psycopg.connect(layout.dsn("owner", port, "postgres"), connect_timeout=_PATIENCE) as connection:
        row = connection.execute("SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_replication)")
        follows, followers = row.fetchone() or (False, 0)
    if follows != replica:
        raise ValueError("a primary and no replica" if replica else "a replica and no primary")
    return f"port {port}, follows the primary" if replica else f"port {port}, {followers} replicas"


def _ask_redis(port: int) -> str:
    asked = subprocess.run(
        ["redis-cli", "-p", str(port), "cluster", "info"],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=True,
    )
    facts = dict(line.split(":", 1) for line in asked.stdout.split() if ":" in line)
    if facts.get("cluster_state") != "ok":
        raise ValueError(f"the cluster is {facts.get('cluster_state', 'away')}")
    return f"port {port}, {facts['cluster_known_nodes']} nodes know each other"


def _ask_server(port: int) -> str:
    with urllib.request.urlopen(f"http://{HOST}:{port}/v1/health", timeout=_PATIENCE) as answer:
        return f"port {port}, {json.load(answer)['status']}"
