"""A real MLflow server on loopback, from a virtual environment of its own: ``make test-models`` installs it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

MLFLOW = Path(__file__).resolve().parents[2] / ".venv-models/bin/mlflow"

#: Seconds for a start or an end, which take a quarter of a minute on an idle machine.
_PATIENCE = 180


@contextmanager
def running_mlflow(folder: Path) -> Iterator[str]:
    """The address of a server that keeps everything in a folder."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [str(MLFLOW), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination",
        str(folder / "files"),
    ]
    quiet = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    with (folder / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=quiet, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(f"127.0.0.1:{port}", server, folder / "log.txt")
        yield f"127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, 15)
        server.wait(_PATIENCE)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            if httpx.get(f"http://{address}/health").is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.5)
    raise AssertionError(log.read_text())
