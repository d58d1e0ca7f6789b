"""The stores of the cluster: PostgreSQL with a replica, what stands for ClickHouse, Kafka, Redis."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

import psycopg
from psycopg import sql

from coursepulse.kit.errors import SettingError
from coursepulse.store.postgres.binaries import choose_account, find_binaries, run_as
from deploy.cluster.layout import HOST, ROOT, Layout, python
from deploy.cluster.program import Program

_OWNER, _LOGIN = "owner", "coursepulse_login"

#: Milliseconds after which Redis takes a node for dead.
_DEAD_MS = 3000

#: How far above its own port a node of Redis talks to the others.
_BUS = 50


def programs(layout: Layout) -> list[Program]:
    """Everything that keeps data."""
    found = [_postgres(layout, "postgres", layout.postgres), _clickhouse(layout)]
    if layout.has("replica"):
        found.append(_postgres(layout, "postgres-replica", layout.postgres + 1, stage=1))
    if layout.has("kafka"):
        found += [_broker(layout, number) for number in range(len(layout.kafka))]
    if layout.has("redis"):
        found += [_redis(layout, port) for port in layout.redis]
    return found


def prepare(layout: Layout) -> None:
    """Make what the stores of the first stage need to start, where it is not there yet."""
    _initialise_postgres(layout)
    (layout.data / "clickhouse").mkdir(exist_ok=True)
    if layout.has("kafka"):
        for number in range(len(layout.kafka)):
            _format_broker(layout, number)
    if layout.has("redis"):
        for port in layout.redis:
            (layout.data / f"redis-{port}").mkdir(exist_ok=True)


def settle(layout: Layout) -> None:
    """What must happen once the first stage is up: roles and the replica's copy, and the cluster of Redis."""
    _make_database(layout)
    if layout.has("replica"):
        _copy_primary(layout)
    if layout.has("redis"):
        _join_redis(layout)


# PostgreSQL


def server(folder: Path, port: int) -> list[str]:
    """The command that serves a folder of PostgreSQL."""
    options = {
        "listen_addresses": HOST,
        "port": port,
        "unix_socket_directories": "",
        "wal_level": "replica",
        "max_wal_senders": 5,
        "max_connections": 200,
        "shared_buffers": "64MB",
        "max_locks_per_transaction": 256,
        "timezone": "UTC",
        "jit": "off",
    }
    settings = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    return [*_as_account(folder), _tool("postgres"), "-D", str(folder), *settings]


def _postgres(layout: Layout, name: str, port: int, stage: int = 0) -> Program:
    says = "PostgreSQL 16, the primary" if stage == 0 else "PostgreSQL 16, a replica that follows it"
    return Program(name, stage, server(layout.data / name, port), says, stop="INT")


def run_tool(folder: Path, name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL as the account that owns a folder.

    :raises SettingError: when it fails
    """
    _run(*_as_account(folder), _tool(name), *arguments)


def _tool(name: str) -> str:
    return str(find_binaries() / name)


def _as_account(folder: Path) -> list[str]:
    """PostgreSQL does not run as root."""
    account = choose_account(folder)
    return run_as(account, folder.parent, find_binaries())


def own(path: Path) -> None:
    """Give a file to the account that runs PostgreSQL."""
    if os.geteuid() == 0:
        account = choose_account(path)
        os.chown(path, account.uid, account.gid)


def _initialise_postgres(layout: Layout) -> None:
    folder = layout.data / "postgres"
    if (folder / "PG_VERSION").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    own(folder)
    password = layout.data / "postgres-password"
    password.touch(mode=0o600)
    password.write_text(layout.secret(_OWNER))
    own(password)
    _run(
        *_as_account(folder),
        *(_tool("initdb"), "-D", str(folder), "-U", _OWNER, "-A", "scram-sha-256"),
        *("--pwfile", str(password), "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"),
    )
    password.unlink()
    with (folder / "pg_hba.conf").open("a") as rules:
        rules.write(f"host replication all {HOST}/32 scram-sha-256\n")


def _make_database(layout: Layout) -> None:
    """The database, its schema, and a login that owns nothing."""
    with psycopg.connect(layout.dsn(_OWNER, database="postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'coursepulse'").fetchone():
            connection.execute("CREATE DATABASE coursepulse")
    environment = os.environ | {
        "COURSEPULSE_POSTGRES": layout.dsn(_OWNER),
        "COURSEPULSE_CLICKHOUSE": layout.clickhouse_url,
        "COURSEPULSE_DATA": str(layout.data / "migrate"),
    }
    _run(python(), "-m", "coursepulse", "migrate", environment=environment)
    with psycopg.connect(layout.dsn(_OWNER), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_LOGIN]).fetchone():
            return
        login = sql.Identifier(_LOGIN)
        password = sql.Literal(layout.secret(_LOGIN))
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(login, password))
        connection.execute(sql.SQL("GRANT coursepulse_app, coursepulse_service TO {}").format(login))


def _copy_primary(layout: Layout) -> None:
    folder = layout.data / "postgres-replica"
    if (folder / "standby.signal").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    own(folder)
    with psycopg.connect(layout.dsn(_OWNER), autocommit=True) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_replication_slots WHERE slot_name = 'replica'"
        ).fetchone():
            connection.execute("SELECT pg_create_physical_replication_slot('replica')")
    _run(
        *_as_account(folder),
        *(_tool("pg_basebackup"), "-D", str(folder), "-d", layout.dsn(_OWNER, database="postgres")),
        *("-R", "-S", "replica", "-X", "stream", "--checkpoint=fast"),
    )


# ClickHouse


def _clickhouse(layout: Layout) -> Program:
    folder = layout.data / "clickhouse"
    command = [python(), "-m", "coursepulse.bench.gateway", str(folder), str(layout.clickhouse)]
    says = "the bundled ClickHouse behind an HTTP port, for want of a server"
    return Program("clickhouse", 0, command, says)


# Redis


def _redis(layout: Layout, port: int) -> Program:
    server = shutil.which("redis-server")
    if server is None:
        raise SettingError("`redis-server` is missing: install it, or leave redis out (WITH=…).")
    command = [
        *(server, "--port", str(port), "--bind", HOST, "--dir", str(layout.data / f"redis-{port}")),
        *("--cluster-enabled", "yes", "--cluster-node-timeout", str(_DEAD_MS)),
        *("--cluster-port", str(port + _BUS), "--appendonly", "yes", "--save", ""),
    ]
    return Program(f"redis-{port}", 0, command, "a node of the Redis Cluster")


def _join_redis(layout: Layout) -> None:
    """Make the cluster of the nodes; once it is made, they remember it."""
    first = layout.redis[0]
    known = subprocess.run(
        ["redis-cli", "-p", str(first), "cluster", "info"], capture_output=True, text=True, check=True
    )
    if "cluster_known_nodes:1\n" in known.stdout.replace("\r", ""):
        nodes = [f"{HOST}:{port}@{port + _BUS}" for port in layout.redis]
        _run("redis-cli", "--cluster", "create", *nodes, "--cluster-replicas", "1", "--cluster-yes")


# Kafka


def _broker(layout: Layout, number: int) -> Program:
    command = [*_java(), "kafka.Kafka", str(_properties(layout, number))]
    return Program(f"kafka-{number + 1}", 0, command, "a broker and controller of Kafka")


def _java() -> list[str]:
    java, libraries = shutil.which("java"), ROOT / ".kafka" / "libs"
    if java is None or not libraries.exists():
        raise SettingError(
            "Kafka is not installed: run `bash scripts/kafka.sh`, or leave kafka out (WITH=…)."
        )
    memory = ["-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    logging = f"-Dlog4j2.configurationFile={libraries.parent / 'log4j2.yaml'}"
    return [java, *memory, logging, "-cp", f"{libraries}/*"]


def _properties(layout: Layout, number: int) -> Path:
    return layout.data / f"kafka-{number + 1}.properties"


def _directory_id(layout: Layout, number: int) -> str:
    """Of 22 letters; always the same for a cluster in one folder, and none of the reserved ones."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{layout.data}/kafka-{number + 1}")
    return urlsafe_b64encode(name.bytes).decode().rstrip("=")


def _format_broker(layout: Layout, number: int) -> None:
    folder, port = layout.data / f"kafka-{number + 1}", layout.kafka[number]
    listeners = f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{port + 1}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": number + 1,
        "listeners": listeners,
        "advertised.listeners": listeners,
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": ",".join(f"{HOST}:{each + 1}" for each in layout.kafka),
        "log.dirs": folder,
        "auto.create.topics.enable": "false",
        "default.replication.factor": 3,
        "min.insync.replicas": 2,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": 3,
        "transaction.state.log.min.isr": 2,
        "group.initial.rebalance.delay.ms": 0,
        # A busy machine must not look like one that is lost: leaders that change need longer than a pause.
        "broker.session.timeout.ms": 9000,
        "broker.heartbeat.interval.ms": 1000,
        "unclean.leader.election.enable": "false",
        # All brokers stop together, so the last one would wait in vain for others to take over what it leads.
        "controlled.shutdown.enable": "false",
    }
    _properties(layout, number).write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    if (folder / "meta.properties").exists():
        return
    voters = ",".join(
        f"{place + 1}@{HOST}:{each + 1}:{_directory_id(layout, place)}"
        for place, each in enumerate(layout.kafka)
    )
    cluster = urlsafe_b64encode(uuid.uuid5(uuid.NAMESPACE_URL, str(layout.data)).bytes).decode().rstrip("=")
    arguments = [
        "format",
        "-t",
        cluster,
        "-c",
        str(_properties(layout, number)),
        "--initial-controllers",
        voters,
    ]
    _run(*_java(), "kafka.tools.StorageTool", *arguments)


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    """Run a program to its end.

    :raises SettingError: with its last line, when it fails
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it printed nothing"]
        raise SettingError(f"`{Path(command[0]).name}` failed: {said[-1]}")
