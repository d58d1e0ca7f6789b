"""The report of a benchmark, and its printed form."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table


class Measurement(msgspec.Struct, frozen=True):
    """One measured figure.

    :param limit: the upper bound measured in the same run, in words, or empty
    :param target: the target, in words, or empty
    """

    name: str
    value: float
    unit: str
    limit: str = ""
    target: str = ""


class BenchmarkReport(msgspec.Struct, frozen=True):
    """The figures of one benchmark.

    :param notes: what was not measured, and why
    """

    name: str
    lines: list[Measurement]
    notes: list[str] = []


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0-1) of the values lie, nearest rank; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def show(reports: list[BenchmarkReport], *, as_json: bool) -> None:
    """Print reports for people or programs."""
    console = Console()
    if as_json:
        console.out(msgspec.json.encode(reports).decode(), highlight=False)
        return
    for report in reports:
        table = Table(title=f"bench {report.name}", title_justify="left")
        for heading in ("what", "measured", "limit in this run", "target"):
            table.add_column(heading, justify="right" if heading == "measured" else "left")
        for line in report.lines:
            table.add_row(line.name, f"{_number(line.value)} {line.unit}", line.limit, line.target)
        console.print(table)
        for note in report.notes:
            console.out(note, highlight=False)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
