"""Rights and consents are as of now while the replica is half a minute behind: a real primary, and a real replica."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from coursepulse.client.local_server import started
from coursepulse.kit.settings import Settings
from deploy.cluster import stores
from deploy.cluster.layout import Layout
from tests.support.browsing import sign_in
from tests.support.server import wait_until

pytestmark = pytest.mark.cluster

BASE = 25_060
PASSWORD = "a good long password"


@contextmanager
def running(layout: Layout, name: str) -> Iterator[None]:
    """One program of the cluster, without the supervisor."""
    program = next(each for each in stores.programs(layout) if each.name == name)
    log = (layout.data / f"{name}.log").open("wb")
    with log, subprocess.Popen(program.command, stdout=log, stderr=log) as process:
        try:
            yield
        finally:
            process.terminate()


def answers(layout: Layout, port: int) -> bool:
    try:
        psycopg.connect(layout.dsn("owner", port, "postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    """A primary, and a replica that applies everything half a minute late."""
    found = Layout(tmp_path / "stores", BASE, BASE, frozenset({"replica"}))
    found.data.mkdir(mode=0o711)
    stores.prepare(found)
    with ExitStack() as stack:
        stack.enter_context(running(found, "clickhouse"))
        stack.enter_context(running(found, "postgres"))
        wait_until(lambda: answers(found, found.postgres))
        wait_until(lambda: listens(found.clickhouse))
        stores.settle(found)
        with (found.data / "postgres-replica" / "postgresql.auto.conf").open("a") as settings:
            settings.write("recovery_min_apply_delay = '30s'\n")
        stack.enter_context(running(found, "postgres-replica"))
        wait_until(lambda: answers(found, found.postgres + 1))
        yield found
    shutil.rmtree(found.data, ignore_errors=True)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def titles(layout: Layout, port: int) -> list[str]:
    with psycopg.connect(layout.dsn("owner", port)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM courses")]


def test_a_right_that_is_taken_back_ends_at_once_though_the_replica_is_behind(
    layout: Layout, tmp_path: Path
) -> None:
    settings = Settings(
        data=tmp_path / "server",
        postgres=layout.dsn("coursepulse_login"),
        postgres_replicas=layout.dsn("coursepulse_login", layout.postgres + 1),
        clickhouse=layout.clickhouse_url,
    )
    with ExitStack() as stack:
        server = stack.enter_context(started(settings))
        key = {"Authorization": f"Bearer {server.key}"}
        http = stack.enter_context(httpx.Client(base_url=server.url, headers=key, timeout=60))
        http.put("/v1/roster/people", json=[{"external_id": "tess", "name": "Tess"}]).raise_for_status()
        http.put("/v1/roster/courses", json=[{"course_id": "c", "title": "Before"}]).raise_for_status()
        teaching = {"external_id": "tess", "course_id": "c"}
        http.put("/v1/roster/teaching", json=[teaching]).raise_for_status()
        account = {"login_name": "tess", "role": "instructor", "person": "tess", "password": PASSWORD}
        account["reason"] = "Teaches the course of this test."
        made = http.post("/v1/accounts", json=account)
        assert made.is_success, made.text
        teacher = stack.enter_context(closing(sign_in(server.url, "tess", PASSWORD)))
        page = teacher.get("/courses/c")
        assert page.status_code == 200
        assert titles(layout, layout.postgres + 1) == [], (
            "the replica is not behind, so this test would prove nothing"
        )
        http.put("/v1/roster/courses", json=[{"course_id": "c", "title": "After"}]).raise_for_status()
        assert "After" in teacher.get("/courses/c").text
        began = time.monotonic()
        yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
        http.put("/v1/roster/teaching", json=[teaching | {"ends_on": yesterday}]).raise_for_status()
        assert teacher.get("/courses/c").status_code == 403
        assert time.monotonic() - began < 25
        assert titles(layout, layout.postgres + 1) in ([], ["Before"])
