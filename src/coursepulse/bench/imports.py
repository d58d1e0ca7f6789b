"""The speed of an import, from a file to numbers on a screen."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coursepulse.bench.machine import ProcessTree
from coursepulse.bench.result import BenchmarkReport, Measurement
from coursepulse.bench.scratch import scratch_server

STATEMENTS = 100_000
_VERBS = ("https://w3id.org/xapi/video/verbs/played", "https://w3id.org/xapi/video/verbs/paused")
_VIDEO = "https://w3id.org/xapi/video/extensions"


def run() -> BenchmarkReport:
    """100,000 xAPI video statements of 2,000 students, generated for this run."""
    with tempfile.TemporaryDirectory() as folder, scratch_server() as scratch:
        path = Path(folder) / "statements.jsonl"
        made = _make(path)
        with ProcessTree(scratch.pid) as tree:
            began = time.monotonic()
            command = [sys.executable, "-m", "coursepulse", "import", "xapi", str(path), "--json", "--data"]
            done = subprocess.run([*command, str(scratch.data)], check=True, capture_output=True, text=True)
            taken = time.monotonic() - began
    receipt = json.loads(done.stdout.splitlines()[-1])
    return BenchmarkReport(
        "import",
        [
            Measurement(
                "statements imported and visible", receipt["accepted"], "events", f"{STATEMENTS:,} written"
            ),
            Measurement(
                "import rate, visible",
                receipt["accepted"] / taken,
                "events/s",
                f"writing the file {made:,.0f}/s",
            ),
            Measurement(
                "peak memory of the server's process tree", tree.peak_memory / 2**20, "MiB", target="1,536"
            ),
        ],
    )


def _make(path: Path) -> float:
    """Write the file; returns statements per second."""
    began = time.monotonic()
    start = datetime.now(UTC) - timedelta(days=10)
    with path.open("w") as file:
        for number in range(STATEMENTS):
            file.write(json.dumps(_statement(number, start)) + "\n")
    return STATEMENTS / (time.monotonic() - began)


def _statement(number: int, start: datetime) -> dict[str, object]:
    student, turn = number // 2 % 2_000, number // 4_000
    at = start + timedelta(minutes=10 * turn, seconds=student % 60 + 60 * (number % 2))
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
        "actor": {"account": {"homePage": "https://campus.example", "name": f"student-{student}"}},
        "verb": {"id": _VERBS[number % 2]},
        "object": {"id": f"https://campus.example/video/{turn}"},
        "result": {"extensions": {f"{_VIDEO}/time": 60.0 * (number % 2)}},
        "context": {
            "extensions": {f"{_VIDEO}/session-id": f"{student}-{turn // 6}", f"{_VIDEO}/length": 300},
            "contextActivities": {"parent": [{"id": f"course-{student % 20}"}]},
        },
        "timestamp": at.isoformat(),
    }
