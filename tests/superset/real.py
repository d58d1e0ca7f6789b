"""A real Superset in processes of its own, with its data in the PostgreSQL of a server."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.support.postgres import owner_dsn
from tests.support.server import wait_until

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv-superset/bin"

#: Seconds: a Superset that starts shares its cores with other things.
_PATIENCE = 900

PASSWORD = "a password of the tests"


class RealSuperset:
    """Superset beside a server on ``data``."""

    def __init__(self, folder: Path, data: Path) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        self.url, self.folder = f"http://127.0.0.1:{self.port}", folder
        owner = owner_dsn(data)
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("CREATE DATABASE superset_own")
            connection.execute(
                "CREATE ROLE superset_signs_in LOGIN PASSWORD 'se@cret' IN ROLE coursepulse_superset"
            )
        place = owner.rpartition("host=")[2]
        self.reads = f"postgresql+psycopg2://superset_signs_in:se%40cret@/coursepulse?host={place}"
        own = owner.replace("postgresql:", "postgresql+psycopg2:").replace(
            "@/coursepulse?", "@/superset_own?"
        )
        self.environ = os.environ | {
            "SUPERSET_CONFIG_PATH": str(ROOT / "deploy/superset/superset_config.py"),
            "SUPERSET_SECRET_KEY": secrets.token_urlsafe(42),
            "SUPERSET_GUEST_SECRET": secrets.token_urlsafe(42),
            "SUPERSET_METADATA": own,
            "SUPERSET_HOME": str(folder),
            "FLASK_APP": "superset",
        }

    def command(self, *words: str) -> None:
        """Run a command of Superset."""
        done = subprocess.run(
            [str(BIN / "superset"), *words],
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]

    def prepare(self) -> None:
        """Its database, its administrator and its own roles."""
        names = ("--firstname", "Ada", "--lastname", "Byron", "--email", "ada@example.edu")
        self.command("db", "upgrade")
        self.command("fab", "create-admin", "--username", "admin", "--password", PASSWORD, *names)
        self.command("init")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Superset as it is in production."""
        words = (
            "-w",
            "1",
            "-k",
            "gthread",
            "--threads",
            "8",
            "-b",
            f"127.0.0.1:{self.port}",
            "--timeout",
            "300",
        )
        with (self.folder / "superset.log").open("wb") as log:
            process = subprocess.Popen(
                [str(BIN / "gunicorn"), *words, "superset.app:create_app()"],
                env=self.environ,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(self._answers, _PATIENCE)
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=10).is_success
        except httpx.HTTPError:
            return False

    @contextmanager
    def user(self) -> Iterator[httpx.Client]:
        """Its administrator."""
        with httpx.Client(base_url=self.url, timeout=120) as http:
            self._sign_in(http)
            yield http

    @staticmethod
    def _sign_in(http: httpx.Client) -> None:
        wish = {"username": "admin", "password": PASSWORD, "provider": "db", "refresh": False}
        token = http.post("/api/v1/security/login", json=wish).raise_for_status().json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"

    def guest(self, token: str) -> httpx.Client:
        """Somebody with a token and nothing else."""
        return httpx.Client(base_url=self.url, timeout=120, headers={"X-GuestToken": token})


class Dashboards:
    """What was imported, by what it is called."""

    def __init__(self, user: httpx.Client) -> None:
        def ids(path: str, name: str) -> dict[str, int]:
            found = (
                user.get(f"/api/v1/{path}/", params={"q": "(page_size:100)"})
                .raise_for_status()
                .json()["result"]
            )
            return {each[name]: each["id"] for each in found}

        self._user = user
        self.charts, self.dashboards = ids("chart", "slice_name"), ids("dashboard", "slug")
        self.databases = ids("database", "database_name")

    def question(self, title: str, dashboard: str, **changed: object) -> dict[str, Any]:
        """What a page of a dashboard asks to draw a chart."""
        number = self.charts[title]
        kept = self._user.get(f"/api/v1/chart/{number}").raise_for_status().json()["result"]
        asked: dict[str, Any] = json.loads(kept["query_context"])
        about = {"slice_id": number, "dashboardId": self.dashboards[f"coursepulse-{dashboard}"]}
        asked["form_data"] |= about
        asked["queries"][0] |= changed
        return asked


def ask(http: httpx.Client, question: dict[str, Any]) -> httpx.Response:
    """The answer to a question for the data of a chart."""
    return http.post("/api/v1/chart/data", json=question)


def data_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """Its rows."""
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["result"][0]["data"]
    return rows
