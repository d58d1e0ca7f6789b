"""A real Apache Flink for tests: a job manager and one task manager on loopback, as scripts/flink.sh starts them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent

#: Seconds for anything to happen on a loaded machine.
PATIENCE = 300.0


def wait_for(what: str, done: Callable[[], object], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.2)


class FlinkCluster:
    """Runs from :meth:`start` to :meth:`stop`.

    :param job: the variables of scripts/flink.sh that name brokers and topics
    """

    def __init__(self, folder: Path, job: Mapping[str, str]) -> None:
        self._folder, self._port = folder, _free_port()
        self._environ = {
            **os.environ, **job, "FLINK_DATA": str(folder), "FLINK_PORT": str(self._port), "FLINK_TASKS": "1"
        }  # fmt: skip

    def call(self, *arguments: str) -> str:
        done = subprocess.run(
            ["/usr/bin/bash", "scripts/flink.sh", *arguments],
            cwd=ROOT, env=self._environ, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        self.call("start")
        wait_for("a task manager", lambda: self._ask("overview").get("slots-total") == 1)

    def run(self, *savepoint: str) -> None:
        self.call("run", *savepoint)
        self.await_running()

    def cancel(self) -> None:
        if self._running():
            self.call("cancel")
            wait_for("the end of the job", lambda: not self._running())

    def await_running(self) -> None:
        wait_for("the job to run", self._runs)

    def stop(self) -> None:
        self.call("stop")

    def task_manager(self) -> int:
        [file] = self._folder.glob("pid/*taskexecutor*.pid")
        return int(file.read_text().split()[-1])

    def kill_task_manager(self) -> None:
        pid = self.task_manager()
        os.kill(pid, signal.SIGKILL)
        wait_for("its death", lambda: not Path(f"/proc/{pid}/cmdline").exists() or _is_dead(pid))

    def cpu_seconds(self) -> float:
        """What the task manager has used so far."""
        fields = Path(f"/proc/{self.task_manager()}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def checkpoints(self) -> int:
        """How many the job that runs has completed."""
        [job] = self._running()
        counts: dict[str, int] = self._ask(f"jobs/{job}/checkpoints")["counts"]
        return counts["completed"]

    def _runs(self) -> bool:
        for job in self._running():
            vertices = self._ask(f"jobs/{job}")["vertices"]
            return all(vertex["status"] == "RUNNING" for vertex in vertices)
        return False

    def _running(self) -> list[str]:
        jobs = self._ask("jobs").get("jobs", [])
        return [job["id"] for job in jobs if job["status"] == "RUNNING"]

    def _ask(self, path: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{path}", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            return {}


def _is_dead(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


def _free_port() -> int:
    """A free port with a free one behind it."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
