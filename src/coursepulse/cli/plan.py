"""``coursepulse plan``: what an installation of some size needs, as tables or JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files

import msgspec
import typer

from coursepulse.cli.tables import print_lines, print_rows, unitless
from coursepulse.kit.errors import CoursepulseError
from coursepulse.sizing.costs import UnitCosts
from coursepulse.sizing.plan import SIZES, ClusterPlan, Figure, Load, cost_drivers, make_plan
from coursepulse.sizing.simulation import Loss, RunOutcome, simulate


class PlanAnswer(msgspec.Struct, frozen=True):
    """One column: the plan, what is expensive in it, and how it fares."""

    name: str
    plan: ClusterPlan
    drivers: list[Figure]
    outcomes: list[RunOutcome]


def read_costs() -> UnitCosts:
    """The unit costs of this version."""
    return UnitCosts.read(files("coursepulse.sizing").joinpath("unit_costs.json").read_bytes())


def answer(students: int | None, events_per_day: int | None) -> list[PlanAnswer]:
    """A column for the load, or one for each size of the documentation.

    :raises CoursepulseError: when only one of the two numbers is given
    """
    if (students is None) != (events_per_day is None):
        raise CoursepulseError("Give both --students and --events-per-day, or neither.")
    if students is None or events_per_day is None:
        return [answer_one(name, load, read_costs()) for name, load in SIZES.items()]
    return [answer_one("plan", Load(students, events_per_day), read_costs())]


def answer_one(name: str, load: Load, costs: UnitCosts) -> PlanAnswer:
    """The column of one load."""
    plan = make_plan(load, costs)
    return PlanAnswer(name, plan, cost_drivers(plan), [simulate(plan, costs, each) for each in Loss])


def run(students: int | None, events_per_day: int | None, *, as_json: bool) -> None:
    """Print the columns."""
    columns = answer(students, events_per_day)
    if as_json:
        typer.echo(msgspec.json.encode(columns))
        return
    headings = ["what", *(each.name for each in columns), "unit", "basis", "from"]
    print_rows("Plan", unitless(*headings), figure_rows(columns))
    drivers = ["cost driver", *(each.name for each in columns)]
    print_rows("Cost drivers, % of all cores and of all disks", unitless(*drivers), driver_rows(columns))
    runs = ["simulated", *(each.name for each in columns), "unit"]
    print_rows("Simulation, from the figures above", unitless(*runs), outcome_rows(columns))
    print_lines(
        [
            "Basis of a figure that is made of others: the least sure of them. The simulation is an extrapolation."
        ]
    )


def figure_rows(columns: list[PlanAnswer]) -> list[dict[str, str]]:
    """A row for each figure, with a cell for each column."""
    rows = []
    for figures in zip(*(each.plan.figures for each in columns), strict=True):
        first = figures[-1]
        cells = {each.name: number(one.value) for each, one in zip(columns, figures, strict=True)}
        rows.append(
            {"what": first.name, **cells, "unit": first.unit, "basis": _bases(figures), "from": first.why}
        )
    return rows


def _bases(figures: Sequence[Figure]) -> str:
    """One word where all columns have the same basis, else one for each."""
    words = [each.basis for each in figures]
    return words[0] if len(set(words)) == 1 else " / ".join(words)


def driver_rows(columns: list[PlanAnswer]) -> list[dict[str, str]]:
    """The shares, in the order of the last column."""
    shares = {each.name: {one.name: one.value for one in each.drivers} for each in columns}
    return [
        {"cost driver": one.name, **{name: number(found[one.name]) for name, found in shares.items()}}
        for one in columns[-1].drivers
    ]


def outcome_rows(columns: list[PlanAnswer]) -> list[dict[str, str]]:
    """What each run showed."""
    rows = []
    for place, loss in enumerate(Loss):
        runs = {each.name: each.outcomes[place] for each in columns}
        rows += [
            {
                "simulated": f"{loss}: {what}",
                **{name: number(read(one)) for name, one in runs.items()},
                "unit": unit,
            }
            for what, unit, read in _SHOWN
            if loss is not Loss.NOTHING or what != "time to recover"
        ]
    return rows


_SHOWN: tuple[tuple[str, str, Callable[[RunOutcome], float]], ...] = (
    ("freshness p50", "s", lambda one: one.p50),
    ("freshness p99", "s", lambda one: one.p99),
    ("longest backlog", "events", lambda one: one.backlog),
    ("longest queue at the collectors", "deliveries", lambda one: one.collector_queue),
    ("time to recover", "s", lambda one: one.recovery),
)


def number(value: float) -> str:
    """Three figures are more than a plan is sure of."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 and value % 1 else f"{value:.3g}"
