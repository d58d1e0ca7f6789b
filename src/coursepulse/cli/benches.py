"""``coursepulse bench``: run one benchmark or all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import msgspec

from coursepulse.bench import (
    cluster,
    collector,
    consent,
    dashboards,
    end_to_end,
    erasure,
    freshness,
    growth,
    imports,
    insight,
    live,
    logs,
    processors,
    queries,
    quiet,
    readers,
    unit_costs,
)
from coursepulse.bench.result import BenchmarkReport, show
from coursepulse.kit.errors import CoursepulseError


def run(name: str, *, minutes: float | None, students: int | None, as_json: bool) -> None:
    """Run ``name`` and print what it measured.

    :raises CoursepulseError: for a name that is none
    """
    benches: dict[str, Callable[[], BenchmarkReport]] = {
        "cluster": lambda: cluster.run(minutes, students),
        "consent": consent.run,
        "dashboards": dashboards.run,
        "door": collector.run,
        "end-to-end": lambda: end_to_end.run(minutes, students),
        "freshness": freshness.run,
        "growth": growth.run,
        "insight": insight.run,
        "processors": processors.run,
        "live": live.run,
        "logs": logs.run,
        "queries": queries.run,
        "quiet": quiet.run,
        "readers": readers.run,
        "import": imports.run,
        "erasure": erasure.run,
        "unit-costs": unit_costs.run,
    }
    if name != "all" and name not in benches:
        raise CoursepulseError(f"There is no benchmark {name!r}; choose from {', '.join(benches)} or all.")
    if name == "unit-costs" and as_json:
        # What the file of unit costs keeps, with the day and the machine of each figure.
        sys.stdout.write(
            msgspec.json.format(msgspec.json.encode(unit_costs.measure()), indent=1).decode() + "\n"
        )
        return
    # The figures of unit-costs are those of the others, arranged for the plan.
    apart = [each for each in benches if each != "unit-costs"]
    reports = [_run_apart(each) for each in apart] if name == "all" else [benches[name]()]
    show(reports, as_json=as_json)


def _run_apart(name: str) -> BenchmarkReport:
    """Each in a process of its own: an embedded ClickHouse opens one database in the life of a process."""
    command = [sys.executable, "-m", "coursepulse", "bench", name, "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(done.stdout, type=list[BenchmarkReport])[0]
