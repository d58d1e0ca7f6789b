"""An Apache Flink on loopback, for benchmarks and tests, with one task manager; ``make flink`` brings it."""

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

from coursepulse.kit.errors import CoursepulseError

#: Where a checkout has it.
HOME = Path(".venv-flink")

#: Seconds for anything to happen on a loaded machine.
PATIENCE = 300.0


def wait_for(what: str, done: Callable[[], object], patience: float = PATIENCE) -> None:
    """Return as soon as it is done.

    :raises CoursepulseError: when it takes too long
    """
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            raise CoursepulseError(f"Waited in vain for {what}.")
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
        """What scripts/flink.sh prints.

        :raises CoursepulseError: when it fails
        """
        done = subprocess.run(
            ["/usr/bin/bash", "scripts/flink.sh", *arguments],
            env=self._environ, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        if done.returncode:
            raise CoursepulseError(f"Flink: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def start(self) -> None:
        """Both managers, until they know each other."""
        self.call("start")
        wait_for("a task manager", lambda: self._ask("overview").get("slots-total") == 1)

    def run(self, *savepoint: str) -> None:
        """Submit the job, until it runs."""
        self.call("run", *savepoint)
        self.await_running()

    def ensure_job(self) -> None:
        """Submit the job if none runs."""
        if not self._running():
            self.run()

    def await_running(self) -> None:
        """Until every part of the job runs."""
        wait_for("the job to run", self._runs)

    def stop(self) -> None:
        """Both managers."""
        self.call("stop")

    def task_manager(self) -> int:
        """Its process id."""
        return self._newest_pid("taskexecutor")

    def job_manager(self) -> int:
        """Its process id."""
        return self._newest_pid("standalonesession")

    def _newest_pid(self, kind: str) -> int:
        [file] = self._folder.glob(f"pid/*{kind}*.pid")
        return int(file.read_text().split()[-1])

    def kill_task_manager(self) -> None:
        """As if its machine had gone."""
        pid = self.task_manager()
        os.kill(pid, signal.SIGKILL)
        wait_for("its death", lambda: not Path(f"/proc/{pid}/cmdline").exists() or _is_dead(pid))

    def checkpoints(self) -> int:
        """How many the job that runs has completed; 0 while none runs."""
        return self._count("completed")

    def restores(self) -> int:
        """How often the job that runs went on from one."""
        return self._count("restored")

    def _count(self, what: str) -> int:
        for job in self._running():
            counts: dict[str, int] = self._ask(f"jobs/{job}/checkpoints").get("counts", {})
            return counts.get(what, 0)
        return 0

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
