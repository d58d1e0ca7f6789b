"""What a killed coursepulse leaves behind: a server that is still stopping, or only its pid file.

PostgreSQL refuses to start while ``postmaster.pid`` names a process that answers ``kill(pid, 0)``. A
zombie does answer, and in a container process 1 may never reap it, so the file can outlive the server.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from coursepulse.kit.errors import SettingError

PID_FILE = "postmaster.pid"


def stop_orphans(cluster: Path, patience: float = 60.0) -> None:
    """Return once no process uses the cluster and no pid file blocks it.

    The caller holds the folder's lock, so any process that still runs has lost its parent.

    :param patience: seconds to wait for a fast shutdown before an immediate one
    :raises SettingError: when a process stays
    """
    if _workers(cluster):
        _stop(cluster, signal.SIGINT, patience)
    if _workers(cluster):
        _stop(cluster, signal.SIGQUIT, patience)
    if left := _workers(cluster):
        raise SettingError(f"PostgreSQL processes {left} still use {cluster}: stop them first.")
    (cluster / PID_FILE).unlink(missing_ok=True)


def _stop(cluster: Path, how: signal.Signals, patience: float) -> None:
    postmaster = _postmaster(cluster)
    if postmaster in _workers(cluster):
        os.kill(postmaster, how)
    deadline = time.monotonic() + patience
    while _workers(cluster) and time.monotonic() < deadline:
        time.sleep(0.05)


def _postmaster(cluster: Path) -> int:
    """The process that the pid file names, or 0."""
    try:
        return int((cluster / PID_FILE).read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return 0


def _workers(cluster: Path) -> list[int]:
    """Live processes of the server on this cluster: each has it as working directory.

    Zombies have no working directory and are not counted.
    """
    return [int(entry.name) for entry in Path("/proc").iterdir() if _works_on(entry, cluster)]


def _works_on(process: Path, cluster: Path) -> bool:
    if not process.name.isdigit():
        return False
    try:
        return (process / "comm").read_text() == "postgres\n" and (process / "cwd").readlink() == cluster
    except OSError:  # already gone, a zombie, or another user's
        return False
