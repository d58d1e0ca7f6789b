"""Apache Flink in the cluster: a job manager, a task manager, and what keeps the job running."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from coursepulse.kit.errors import SettingError
from deploy.cluster.layout import HOST, ROOT, Layout, python
from deploy.cluster.program import Program
from deploy.cluster.servers import PARTITIONS

_SCRIPT = ROOT / "scripts" / "flink.sh"

#: Seconds between two looks at the job.
_LOOK = 5.0

#: States in which a job goes on by itself.
_ALIVE = {"CREATED", "INITIALIZING", "RUNNING", "RESTARTING", "FAILING", "RECONCILING"}


def programs(layout: Layout) -> list[Program]:
    """The managers, and the job once the workers have made its topics.

    :raises SettingError: when Flink is not installed
    """
    if not (ROOT / ".venv-flink" / "bin" / "python").exists():
        raise SettingError("Flink is not installed: run `make flink`, or leave flink out (WITH=…).")
    environment = _environment(layout)
    run = ["/usr/bin/env", "bash", str(_SCRIPT), "foreground"]
    keep = [python(), "-m", "deploy.cluster.flink", str(layout.flink), str(_data(layout))]
    return [
        Program("flink-jobmanager", 1, [*run, "jobmanager"], "divides the work in Flink", environment),
        Program("flink-taskmanager", 1, [*run, "taskmanager"], "runs stream processors", environment),
        Program("flink-job", 3, keep, "submits the job again from its last checkpoint", environment),
    ]


def ask(port: int, name: str) -> str:
    """What the job manager says of one of the programs.

    :raises ValueError: when it is not as it must be
    """
    overview = get(port, "overview")
    if name == "flink-taskmanager" and not overview["slots-total"]:
        raise ValueError("the job manager knows no task manager")
    if name == "flink-job" and not overview["jobs-running"]:
        raise ValueError("the job does not run")
    says = {
        "flink-jobmanager": f"port {port}",
        "flink-taskmanager": f"{overview['slots-total']} slot",
        "flink-job": f"{overview['jobs-running']} job runs",
    }
    return says[name]


def get(port: int, path: str) -> dict[str, Any]:
    """An answer of the job manager's REST API."""
    with urllib.request.urlopen(f"http://{HOST}:{port}/{path}", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def newest_checkpoint(data: Path) -> Path | None:
    """The last one that was completed, of whichever job."""
    complete = data.glob("checkpoints/*/chk-*/_metadata")
    newest = max(complete, key=lambda path: path.stat().st_mtime_ns, default=None)
    return newest.parent if newest else None


def keep_running(port: int, data: Path) -> None:
    """Submit the job whenever there is none: a job manager that died forgets it."""
    while True:
        try:
            if not any(job["status"] in _ALIVE for job in get(port, "jobs")["jobs"]):
                _submit(data)
        except OSError as error:
            sys.stderr.write(f"The job manager does not answer: {error}\n")
        time.sleep(_LOOK)


def _submit(data: Path) -> None:
    checkpoint = newest_checkpoint(data)
    restore = [f"file://{checkpoint}"] if checkpoint else []
    subprocess.run(["/usr/bin/env", "bash", str(_SCRIPT), "run", *restore], cwd=ROOT, check=False)


def _data(layout: Layout) -> Path:
    return layout.data / "flink"


def _environment(layout: Layout) -> dict[str, str]:
    return {
        "FLINK_DATA": str(_data(layout)),
        "FLINK_PORT": str(layout.flink),
        "BROKERS": ",".join(f"{HOST}:{port}" for port in layout.kafka),
        "TOPIC": "events",
        "PARTITIONS": str(PARTITIONS),
    }


if __name__ == "__main__":
    keep_running(int(sys.argv[1]), Path(sys.argv[2]))
