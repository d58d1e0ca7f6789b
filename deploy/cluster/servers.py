"""Our own processes, the proxy in front of them, and the campus that sends events."""

from __future__ import annotations

import shutil
from textwrap import dedent

from coursepulse.kit.errors import SettingError
from deploy.cluster.layout import HOST, Layout, python
from deploy.cluster.program import Program

#: What each of our servers does, in the order of their ports.
ROLES = {
    "collector-1": "collect",
    "collector-2": "collect",
    "worker-1": "work",
    "worker-2": "work",
    "web-1": "web",
    "web-2": "web",
}

_SAYS = {"collect": "takes events in", "work": "makes numbers of its partitions", "web": "answers questions"}

#: Partitions of the log: four for each worker.
PARTITIONS = 8


def servers() -> tuple[str, ...]:
    """The names of our servers, in the order of their ports."""
    return tuple(ROLES)


def programs(layout: Layout) -> list[Program]:
    """Every server, and what stands in front of them."""
    found = [_server(layout, name, number) for number, name in enumerate(ROLES)]
    if layout.has("proxy"):
        found.append(_proxy(layout))
    if layout.has("campus"):
        found.append(_campus(layout))
    return found


def prepare(layout: Layout) -> None:
    """Write what the proxy reads."""
    (layout.data / "haproxy.cfg").write_text(_rules(layout))


def _server(layout: Layout, name: str, number: int) -> Program:
    command = [python(), "-m", "coursepulse", "serve", "--port", str(layout.server(number))]
    return Program(name, 2, command, _SAYS[ROLES[name]], settings(layout, name))


def settings(layout: Layout, name: str) -> dict[str, str]:
    """What one of our servers is told. All of them have the same secrets, and a folder each."""
    chosen = {
        "DATA": str(layout.data / name),
        "POSTGRES": layout.database,
        "CLICKHOUSE": layout.clickhouse_url,
        "PSEUDONYM_SECRET": layout.secret("pseudonyms"),
        "API_KEYS": f"campus:{layout.api_key}:ingest+backfill+roster+read+monitor+jobs",
        "ROLES": ROLES[name],
        "LOG": f"sqlite:///{layout.data}/log/events.sqlite?partitions={PARTITIONS}",
        "DEMO": "true",
        "DEMO_PASSWORD": layout.secret("demo"),
        "PUBLIC_URL": layout.url,
    }
    if layout.has("kafka"):
        brokers = ",".join(f"{HOST}:{port}" for port in layout.kafka)
        chosen["LOG"] = f"kafka://{brokers}/events?partitions={PARTITIONS}"
        # The server that makes the topics first must not do so with fewer copies because a broker is still starting.
        chosen["KAFKA_REPLICATION"] = str(len(layout.kafka))
    if layout.has("flink"):
        chosen["PROCESSORS"] = "flink"
    if layout.has("airflow"):
        chosen["SCHEDULER"] = "airflow"
    if layout.has("superset"):
        chosen["SUPERSET"] = "on"
    if layout.has("redis"):
        nodes = ",".join(f"{HOST}:{port}" for port in layout.redis)
        chosen |= dict.fromkeys(("CACHE", "LIMITS", "LIVE"), f"redis+cluster://{nodes}")
    if layout.has("replica"):
        chosen["POSTGRES_REPLICAS"] = layout.dsn("coursepulse_login", layout.postgres + 1)
    return {f"COURSEPULSE_{key}": value for key, value in chosen.items()} | {"PYTHONUNBUFFERED": "1"}


def _proxy(layout: Layout) -> Program:
    haproxy = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if haproxy is None:
        raise SettingError("`haproxy` is missing: install it, or leave proxy out (WITH=…).")
    config = layout.data / "haproxy.cfg"
    return Program(
        "proxy", 3, [haproxy, "-db", "-f", str(config)], "HAProxy in front of the servers", stop="USR1"
    )


def _rules(layout: Layout) -> str:
    """Events to the collectors, everything else to the web servers; answers are passed on as they come."""
    head = dedent(f"""\
        global
            maxconn 2000
            hard-stop-after 5s
        defaults
            mode http
            option forwardfor
            option http-keep-alive
            option redispatch
            retries 2
            timeout connect 2s
            timeout client 60s
            timeout server 60s
            timeout queue 5s
        frontend people_and_platforms
            bind {HOST}:{layout.port}
            use_backend collect if {{ path_beg /v1/events }}
            default_backend web
        """)
    return head + "".join(_backend(layout, role) for role in ("collect", "web"))


def _backend(layout: Layout, role: str) -> str:
    """The servers of one role, of which those are asked that answer."""
    lines = [f"backend {role}", "    balance leastconn", "    option httpchk GET /v1/health"]
    for number, (name, does) in enumerate(ROLES.items()):
        if does == role:
            lines.append(f"    server {name} {HOST}:{layout.server(number)} check inter 1s fall 2 rise 1")
    return "\n".join(lines) + "\n"


def _campus(layout: Layout) -> Program:
    command = [python(), "-m", "deploy.cluster.campus", str(layout.data / "campus.sent")]
    web = f"http://{HOST}:{layout.server(servers().index('web-1'))}"
    environment = {"COURSEPULSE_KEY": layout.api_key, "CLUSTER_URL": layout.url, "CLUSTER_WEB": web}
    return Program("campus", 4, command, "a simulated campus that sends events", environment)
