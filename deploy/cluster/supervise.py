"""Start the parts in their order, watch them, and stop all of them."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coursepulse.cli.tables import print_lines, print_rows, unitless
from coursepulse.kit.errors import SettingError
from deploy.cluster import airflow, checks, flink, servers, stores, superset
from deploy.cluster.layout import ROOT, Layout
from deploy.cluster.program import Program, stage_name, write_config

#: Seconds for one stage on a slow machine.
_PATIENCE = 600.0

#: Parts with environments of their own.
_HEAVY = {"flink": flink.programs, "airflow": airflow.programs, "superset": superset.programs}

TOOLS = ROOT / ".venv-cluster" / "bin"


def all_programs(layout: Layout) -> list[Program]:
    """Every program, in the order in which they start."""
    found = [*stores.programs(layout), *servers.programs(layout)]
    for part, programs in _HEAVY.items():
        if layout.has(part):
            found += programs(layout)
    return sorted(found, key=lambda each: each.stage)


class Stopped(Exception):
    """Ctrl-C, or a signal that asks for an end."""


class Cluster:
    """The processes of one layout, from :meth:`run` until a signal."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._programs: list[Program] = []
        self._supervisor: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start everything and stay until Ctrl-C or SIGTERM; then stop everything."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, _ask_to_stop)
        self._layout.data.mkdir(mode=0o711, parents=True, exist_ok=True)
        with self._alone():
            try:
                self._start()
                print_lines([f"coursepulse is at {self._layout.url}. Ctrl-C stops everything."])
                self._watch()
            except Stopped:
                print_lines(["Stopping …"])
            finally:
                self._stop()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._layout.data / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SettingError(f"The cluster in {self._layout.data} is running already.") from None
            yield

    def _start(self) -> None:
        stores.prepare(self._layout)
        servers.prepare(self._layout)
        self._layout.remember()
        self._programs = all_programs(self._layout)
        logs = self._layout.data / "log"
        logs.mkdir(exist_ok=True)
        write_config(self._layout.config, self._layout.socket, logs, self._programs)
        self._begin_supervisor()
        for stage in sorted({each.stage for each in self._programs}):
            self._start_stage(stage)
            if stage == 0:
                stores.settle(self._layout)
                if self._layout.has("superset"):
                    superset.prepare(self._layout)

    def _begin_supervisor(self) -> None:
        # A session of its own: Ctrl-C in a terminal reaches us only. If we are killed, it ends too, and all with it.
        command = ["/usr/bin/setpriv", "--pdeathsig", "TERM", str(TOOLS / "supervisord")]
        self._supervisor = subprocess.Popen(
            [*command, "-n", "-s", "-c", str(self._layout.config)],
            cwd=ROOT,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not self._layout.socket.exists():
            if self._supervisor.poll() is not None or time.monotonic() > deadline:
                raise SettingError(f"The supervisor did not start; see {self._layout.data / 'log'}.")
            time.sleep(0.05)

    def _start_stage(self, stage: int) -> None:
        programs = [each for each in self._programs if each.stage == stage]
        began = time.monotonic()
        self._control("start", f"{stage_name(stage)}:*")
        waiting = [each for each in programs if not each.name.startswith("redis")]
        while True:
            states = checks.look(self._layout, waiting)
            late = [each for each in states if not each.up]
            if not late:
                break
            if time.monotonic() - began > _PATIENCE:
                logs = self._layout.data / "log"
                raise SettingError(f"`{late[0].name}` does not answer: {late[0].detail}. See {logs}.")
            time.sleep(0.2)
        names = ", ".join(each.name for each in programs)
        print_lines([f"up after {time.monotonic() - began:.1f} s: {names}"])

    def _control(self, *words: str) -> None:
        control = [str(TOOLS / "supervisorctl"), "-c", str(self._layout.config), *words]
        subprocess.run(control, stdout=subprocess.DEVNULL, check=False)

    def _watch(self) -> None:
        while self._supervisor is not None and self._supervisor.poll() is None:
            time.sleep(0.2)
        raise SettingError("The supervisor ended by itself.")

    def _stop(self) -> None:
        """Our own processes first, so that they can put away what they have; then the stores."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        if self._supervisor is None or self._supervisor.poll() is not None:
            return
        began = time.monotonic()
        for stage in sorted({each.stage for each in self._programs}, reverse=True):
            self._control("stop", f"{stage_name(stage)}:*")
        self._supervisor.terminate()
        self._supervisor.wait()
        print_lines([f"Everything has stopped after {time.monotonic() - began:.1f} s."])


def show(layout: Layout) -> bool:
    """Print who is up; whether all are."""
    states = checks.look(layout, all_programs(layout))
    rows = [
        {"part": s.name, "state": "up" if s.up else "down", "detail": s.detail, "what": s.says}
        for s in states
    ]
    print_rows("Cluster", unitless("part", "state", "detail", "what"), rows)
    return all(each.up for each in states)


def _ask_to_stop(*_: object) -> None:
    raise Stopped


def tools_missing() -> bool:
    """Whether the supervisor is not installed."""
    return not Path(TOOLS / "supervisord").exists()


if __name__ == "__main__":
    sys.exit("Run `make cluster`.")
