"""Apache Superset in the cluster, with its own data in PostgreSQL, and our dashboards in it."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import psycopg
from psycopg import sql

from coursepulse.kit.errors import SettingError
from deploy.cluster.layout import HOST, ROOT, Layout, python
from deploy.cluster.program import Program

_BIN = ROOT / ".venv-superset" / "bin"

#: Who reads our tables for Superset.
_READER = "superset_reader"

_NAMES = ("--firstname", "Ada", "--lastname", "Byron", "--email", "ada@example.edu")


def programs(layout: Layout) -> list[Program]:
    """Superset, and once what puts the dashboards into it.

    :raises SettingError: when Superset is not installed
    """
    if not (_BIN / "superset").exists():
        raise SettingError("Superset is not installed: run `make superset`, or leave superset out (WITH=…).")
    run = [python(), "-m", "deploy.cluster.superset"]
    serve = [*run, "serve", str(layout.superset), str(_home(layout))]
    return [
        Program("superset", 3, serve, "Superset's pages", _environment(layout)),
        Program(
            "superset-dashboards",
            4,
            [*run, "install", str(_marker(layout))],
            "put the dashboards into Superset",
            _environment(layout),
            once=True,
        ),
    ]


def prepare(layout: Layout) -> None:
    """Its database and the role that reads our tables; PostgreSQL must be up and have our schema."""
    _home(layout).mkdir(exist_ok=True)
    with psycopg.connect(layout.dsn("owner"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'superset'").fetchone():
            connection.execute("CREATE DATABASE superset")
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_READER]).fetchone():
            return
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE coursepulse_superset")
        password = sql.Literal(layout.secret(_READER))
        connection.execute(statement.format(sql.Identifier(_READER), password))


def ask(layout: Layout, name: str) -> str:
    """Whether Superset answers, or the dashboards are in it.

    :raises ValueError: when they are not yet
    """
    if name == "superset-dashboards":
        if not _marker(layout).exists():
            raise ValueError("not yet")
        return "done"
    with urllib.request.urlopen(f"http://{HOST}:{layout.superset}/health", timeout=10):
        return f"port {layout.superset}, user admin"


def serve(port: str, home: Path) -> None:
    """Make what Superset needs, once, and become its server."""
    marker = home / "prepared"
    if not marker.exists():
        create = ("fab", "create-admin", "--username", "admin", "--password", os.environ["SUPERSET_PASSWORD"])
        for words in (("db", "upgrade"), (*create, *_NAMES), ("init",)):
            subprocess.run([_BIN / "superset", *words], check=True)
        marker.touch()
    server = ["-w", "1", "-k", "gthread", "--threads", "8", "-b", f"{HOST}:{port}", "--timeout", "300"]
    os.execv(_BIN / "gunicorn", [str(_BIN / "gunicorn"), *server, "superset.app:create_app()"])


def install(marker: Path) -> None:
    """Fill the tables and put the dashboards in, as often as the cluster starts."""
    command = [sys.executable, "-m", "coursepulse"]
    subprocess.run([*command, "jobs", "run", "superset"], check=True)
    subprocess.run([*command, "superset", "install"], check=True)
    marker.touch()


def _home(layout: Layout) -> Path:
    return layout.data / "superset"


def _marker(layout: Layout) -> Path:
    return _home(layout) / "installed"


def _environment(layout: Layout) -> dict[str, str]:
    """Of both programs; Superset reads our tables in one database, and has its own data in another."""
    scheme = "postgresql+psycopg2"
    return {
        "SUPERSET_CONFIG_PATH": str(ROOT / "deploy" / "superset" / "superset_config.py"),
        "SUPERSET_SECRET_KEY": layout.secret("superset-key"),
        "SUPERSET_GUEST_SECRET": layout.secret("superset-guests"),
        "SUPERSET_METADATA": layout.dsn("owner", database="superset").replace("postgresql", scheme, 1),
        "SUPERSET_HOME": str(_home(layout)),
        "FLASK_APP": "superset",
        "SUPERSET_URL": f"http://{HOST}:{layout.superset}",
        "SUPERSET_PASSWORD": layout.secret("superset-admin"),
        "SUPERSET_DATABASE_URL": layout.dsn(_READER).replace("postgresql", scheme, 1),
        "COURSEPULSE_URL": layout.url,
        "COURSEPULSE_KEY": layout.api_key,
    }


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], Path(sys.argv[3]))
    else:
        install(Path(sys.argv[2]))
