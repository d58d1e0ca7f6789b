"""``make cluster``: it comes up whole, mends itself, stops clean, and goes on where it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from deploy.cluster.layout import ROOT, Layout, choose_parts
from tests.deploy.running import PATIENCE, command, running
from tests.support.browsing import sign_in
from tests.support.server import wait_until

pytestmark = pytest.mark.cluster

PORT, BASE = 25_099, 25_000


def status(data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("status", "--data", str(data)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )


def left(data: Path) -> list[str]:
    """Programs that still name the folder."""
    found = (" ".join(each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"]))
    return [line for line in found if str(data) in line and "pytest" not in line]


def enrolled(layout: Layout, port: int) -> int:
    with psycopg.connect(layout.dsn("owner", port)) as connection:
        row = connection.execute("SELECT count(*) FROM student_activity_events").fetchone()
    return int(row[0]) if row else 0


def test_the_cluster_comes_up_mends_itself_stops_clean_and_resumes(tmp_path: Path) -> None:
    data = tmp_path / "cluster"
    layout = Layout(data, PORT, BASE, choose_parts(""))
    with running(layout) as process:
        whole = status(data)
        assert whole.returncode == 0, whole.stdout
        assert "down" not in whole.stdout
        health = httpx.get(f"{layout.url}/v1/health").json()
        assert health["status"] == "ok"
        # What the campus sent went through the proxy, the log and the pipeline into the primary, and on to the replica.
        wait_until(lambda: enrolled(layout, layout.postgres) > 1_000, PATIENCE)
        wait_until(lambda: enrolled(layout, layout.postgres + 1) > 1_000, PATIENCE)
        wait_until((data / "campus.sent").exists, PATIENCE)
        with closing(sign_in(layout.url, "instructor", layout.secret("demo"))) as browser:
            wait_until(lambda: "/courses/" in browser.get("/").text, PATIENCE)
        kill_some_and_wait(data)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)
        assert process.returncode == 0
        assert left(data) == []
    before = (data / "campus.sent").stat().st_mtime_ns
    with running(layout):
        assert enrolled(layout, layout.postgres + 1) > 1_000
        assert (data / "campus.sent").stat().st_mtime_ns == before, "the history was sent again"
        second = subprocess.run(
            command("up", "--data", str(data)), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert "is running already" in second.stderr
    assert left(data) == []


def kill_some_and_wait(data: Path) -> None:
    """A node of each kind without a warning; the supervisor has all of them back."""
    victims = [
        ("redis-server", ""),
        ("haproxy", ""),
        ("postgres", "postgres-replica"),
        ("coursepulse", "--port 25032"),
        ("coursepulse", "--port 25034"),
    ]
    for name, mark in victims:
        found = next(
            each
            for each in psutil.process_iter(["cmdline"])
            if (line := " ".join(each.info["cmdline"] or []))
            and name in line
            and mark in line
            and belongs(each, data)
        )
        found.kill()
    time.sleep(2)
    wait_until(lambda: status(data).returncode == 0, PATIENCE)


def belongs(process: psutil.Process, data: Path) -> bool:
    """Whether the supervisor of this folder started it."""
    try:
        return str(data) in " ".join(process.parent().cmdline())  # type: ignore[union-attr]
    except (psutil.Error, AttributeError):
        return False
