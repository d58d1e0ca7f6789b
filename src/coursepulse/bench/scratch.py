"""A separate server in a scratch folder, for the duration of a benchmark."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx

from coursepulse.bench.load import Target
from coursepulse.bench.traffic import Crowd, students
from coursepulse.client.local_server import Server, started
from coursepulse.kit.settings import Settings
from coursepulse.store.presence import find


class Scratch(NamedTuple):
    """A running, empty server."""

    server: Server
    pid: int
    data: Path

    @property
    def target(self) -> Target:
        """The target of the load generator."""
        return Target.parse(self.server.url, self.server.key)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Authorization": f"Bearer {self.server.key}"}

    def health(self) -> dict[str, object]:
        """The server's own state."""
        answer: dict[str, object] = httpx.get(
            f"{self.server.url}/v1/health", headers=self.headers, timeout=30
        ).json()
        return answer


@contextmanager
def scratch_server(*options: str, **chosen: object) -> Iterator[Scratch]:
    """An embedded server on a free port; its folder is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        settings = Settings(data=data, **chosen)  # type: ignore[arg-type]
        with started(settings, *options) as server:
            there = find(data)
            assert there is not None  # noqa: S101 - it has just answered
            yield Scratch(server, there.pid, data)


def enrol(scratch: Scratch, crowd: Crowd) -> None:
    """Record the consent of everyone in the crowd, so that the collector accepts their behavioural events."""
    agree(scratch, *students(crowd))


def agree(scratch: Scratch, *students: str) -> None:
    """Record consents, and return once the collector and the numbers have them."""
    now = datetime.now(UTC).isoformat()
    rows = [
        {"external_id": student, "purpose": "analytics", "granted": True, "text_version": "bench", "at": now}
        for student in students
    ]
    with httpx.Client(base_url=scratch.server.url, headers=scratch.headers, timeout=60) as http:
        for start in range(0, len(rows), 10_000):
            http.put("/v1/consents", json=rows[start : start + 10_000]).raise_for_status()
    time.sleep(1.5)  # the collector learns of consents within a second
