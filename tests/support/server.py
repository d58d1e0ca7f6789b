"""A real server in a process of its own, for tests that act as a user would."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest

from coursepulse.client.local_server import Server, started
from coursepulse.collect.consents import ConsentFile
from coursepulse.kit.settings import Settings
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from tests.support.long import LONG


class Platform:
    """An e-learning platform that talks to a running server."""

    def __init__(self, server: Server, data: Path) -> None:
        self.server, self.data = server, data
        self.http = httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}, timeout=60
        )

    def agree(self, *students: str) -> None:
        """Record that the students agreed to analytics, and let the collector learn of it."""
        now = datetime.now(UTC).isoformat()
        rows = [
            {"external_id": s, "purpose": "analytics", "granted": True, "text_version": "1", "at": now}
            for s in students
        ]
        self.http.put("/v1/consents", json=rows).raise_for_status()
        self.wait_for_consents(*students)

    def wait_for_consents(self, *students: str) -> None:
        """Return when the collector knows that the students agreed to analytics."""
        pseudonyms = Pseudonyms((self.data / "pseudonym.key").read_bytes())
        wanted = [pseudonyms.of(student) for student in students]

        def known() -> bool:
            register = ConsentFile(self.data / "log" / "consents.bin").register
            return all(register.allows(student, Purpose.ANALYTICS) for student in wanted)

        wait_until(known)
        # What judges the events is told right after the file says so.
        time.sleep(0.1)

    def send(self, *events: dict[str, Any]) -> dict[str, Any]:
        """Send events; returns the receipt."""
        answer: dict[str, Any] = self.http.post("/v1/events", json=list(events)).raise_for_status().json()
        return answer

    def metric(self, name: str, **params: str) -> list[dict[str, Any]]:
        """The rows of a metric."""
        rows: list[dict[str, Any]] = (
            self.http.get(f"/v1/metrics/{name}", params=params).raise_for_status().json()["rows"]
        )
        return rows

    def settle(self, timeout: float = 60) -> None:
        """Return when everything acknowledged is visible."""
        wait_until(lambda: self.http.get("/v1/health").json()["pipeline"]["lag"] == 0, timeout)
        wait_until(self._have_learners_followed, timeout)

    def _have_learners_followed(self) -> bool:
        positions = {row["name"]: row["position"] for row in self.metric("pipeline")}
        return positions.get("learners") == positions.get("served")

    def close(self) -> None:
        self.http.close()


def wait_until(condition: Callable[[], bool], timeout: float = 60) -> None:
    """Return as soon as ``condition`` holds; fail after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@cache
def _started_once() -> Path:
    """The data of a server that has started and stopped, made once in this process."""
    folder = Path(mkdtemp(prefix="coursepulse-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not LONG:
        # Pseudonyms and the rounding of small groups are drawn from it: a run that fails, fails again.
        (folder / "data").mkdir()
        (folder / "data" / "pseudonym.key").write_text("a secret that is the same in each run of the tests")
    with started(Settings(data=folder / "data")):
        pass
    return folder / "data"


@contextmanager
def platform(data: Path, **chosen: Any) -> Iterator[Platform]:
    """A server on ``data`` and a platform that talks to it.

    A new folder begins as after a first start, because making the databases takes half of one.
    """
    if not {"postgres", "clickhouse"} & chosen.keys() and not any(data.glob("*")):
        subprocess.run(["/bin/cp", "-a", f"{_started_once()}/.", data], check=True)
    with started(Settings(data=data, **chosen)) as server:
        sender = Platform(server, data)
        try:
            yield sender
        finally:
            sender.close()


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One server for all tests of this process; use names of your own in it."""
    with platform(tmp_path_factory.mktemp("server")) as sender:
        yield sender
