"""``coursepulse bench cluster``: figures of the parts at hand, each beside its limit, and a word about the others."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from coursepulse.bench.result import BenchmarkReport
from tests.support.kafka import ROOT, open_broker


@pytest.mark.long
def test_each_figure_has_a_limit_and_what_is_not_installed_is_named(tmp_path: Path) -> None:
    open_broker(tmp_path / "unused")
    (tmp_path / ".kafka").symlink_to(ROOT / ".kafka")
    report = run(tmp_path)
    figures = {line.name: line.value for line in report.lines}
    assert all(math.isfinite(value) and value >= 0 for value in figures.values())
    for name in ("1 worker", "2 workers", "4 workers", "2 workers, log in Kafka"):
        parts = [value for part, value in figures.items() if part.startswith(f"{name}: ")]
        assert 0 < sum(parts) < figures[name], name
    limits = {line.name: line.limit for line in report.lines}
    assert limits["2 workers"] == limits["4 workers"] == f"1 worker {figures['1 worker']:.3g}"
    assert limits["2 workers, log in Kafka"] == f"log in SQLite {figures['2 workers']:.3g}"
    assert limits["at 1,000 events/s: visible, p99"].startswith("at 10 events/s")
    assert report.notes == ["Processors in Flink were not measured: run make flink."]


def run(folder: Path) -> BenchmarkReport:
    """A second or two for each figure, with what the folder has."""
    command = [sys.executable, "-m", "coursepulse", "bench", "cluster", "--json"]
    done = subprocess.run(
        [*command, "--minutes", "0.02", "--students", "50"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    [report] = msgspec.json.decode(done.stdout, type=list[BenchmarkReport])
    return report
