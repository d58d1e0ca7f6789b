"""Several processes that share a log, a PostgreSQL and a ClickHouse, each with a data directory of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from coursepulse.client.local_server import launch, wait_for
from coursepulse.kit.settings import Settings
from tests.support.server import Platform

PARTITIONS = 4


class SharedInstallation:
    """Starts processes by name.

    :param shared: what all of them have in common
    """

    def __init__(self, folder: Path, dsn: str, clickhouse: str, **shared: Any) -> None:
        self._folder = folder
        self.log = f"sqlite://{folder / 'log' / 'events.sqlite'}?partitions={PARTITIONS}"
        self._shared = {
            "postgres": dsn,
            "clickhouse": clickhouse,
            "log": self.log,
            "pseudonym_secret": "a secret that all processes share",
            **shared,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._open: dict[str, Platform] = {}

    def settings(self, name: str, roles: str) -> Settings:
        """Of one process."""
        return Settings(data=self._folder / name, roles=roles, **self._shared)

    def begin(self, name: str, roles: str) -> None:
        """Start a process, without waiting for it."""
        self.processes[name] = launch(self.settings(name, roles), "--port", "0")

    def join(self, name: str, roles: str) -> Platform:
        """Start a process, unless it has begun, and return when it answers."""
        if name not in self.processes:
            self.begin(name, roles)
        settings = self.settings(name, roles)
        server = wait_for(self.processes[name], settings)
        self._open[name] = Platform(server, settings.data)
        # Consents of other processes are awaited with the secret that all share.
        (settings.data / "pseudonym.key").write_text(settings.pseudonym_secret)
        return self._open[name]

    def leave(self, name: str, how: int = signal.SIGTERM) -> int:
        """End a process; returns its exit code."""
        if name in self._open:
            self._open.pop(name).close()
        process = self.processes.pop(name)
        os.kill(process.pid, how)
        if how == signal.SIGKILL:
            os.kill(process.pid, signal.SIGCONT)
        return process.wait(60)

    def end(self) -> None:
        """End all processes."""
        for name in list(self.processes):
            self.leave(name, signal.SIGKILL)
