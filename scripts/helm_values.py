"""Writes the Helm values of the three sizes from what ``coursepulse plan`` says of them. ``make docs`` runs it."""

from __future__ import annotations

from pathlib import Path

from coursepulse.cli.plan import number, read_costs
from coursepulse.sizing.plan import SIZES, ClusterPlan, make_plan

CHART = Path(__file__).resolve().parent.parent / "deploy" / "helm" / "coursepulse"

#: Figures about what the chart does not install.
_STORES = ("Kafka brokers", "PostgreSQL: cores", "ClickHouse: shards", "ClickHouse: cores of a replica")


def write_values(plan: ClusterPlan) -> str:
    """The values of one size, with what its stores need as a comment."""
    stores = [each for each in plan.figures if each.name in _STORES or each.name.startswith("disk: ")]
    head = [
        f"# For {plan.load.students:,} active students and {plan.load.events_per_day:,} events a day.",
        "# What `coursepulse plan` says, written by `make docs`. The stores are not part of this chart; plan for them:",
        *(f"#   {each.name}: {number(each.value)} {each.unit}" for each in stores),
    ]
    most = min(plan.partitions, 2 * plan.workers)
    body = f"""\
collectors:
  replicas: {plan.collectors}
  autoscaling: {{enabled: true, minReplicas: {plan.collectors}, maxReplicas: {2 * plan.collectors}, cpuPercent: 60}}
workers:
  replicas: {plan.workers}
  partitions: {plan.partitions}
  autoscaling: {{enabled: true, minReplicas: {plan.workers}, maxReplicas: {most}}}
web:
  replicas: {plan.web_servers}
  autoscaling: {{enabled: true, minReplicas: {plan.web_servers}, maxReplicas: {2 * plan.web_servers}, cpuPercent: 60}}
"""
    return "\n".join(head) + "\n" + body


def files() -> dict[Path, str]:
    """Every file with its current text."""
    costs = read_costs()
    return {
        CHART / f"values-{name}.yaml": write_values(make_plan(load, costs)) for name, load in SIZES.items()
    }


if __name__ == "__main__":
    for file, text in files().items():
        file.write_text(text)
