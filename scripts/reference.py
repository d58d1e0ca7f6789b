"""Generates the reference parts of docs/ from declarations in the code. ``make docs`` runs it."""

from __future__ import annotations

from inspect import getdoc
from pathlib import Path
from typing import Any

import msgspec

from coursepulse.cli import plan
from coursepulse.dashboards.alert_reference import write_rules
from coursepulse.dashboards.reference import write_cards
from coursepulse.events.payloads import Payload
from coursepulse.events.taxonomy import TYPES, EventType
from coursepulse.jobs.planned import tell_plan
from coursepulse.metrics.reference import write_reference
from coursepulse.warehouse.reference import write_sources, write_warehouse
from coursepulse.web.operation.prometheus import FAMILIES

DOCS = Path(__file__).resolve().parent.parent / "docs"
DEPLOY = DOCS.parent / "deploy"
MARK = "<!-- from here on made from the code: make docs -->\n"


def write_events() -> str:
    """The table of event types, then the fields of each payload."""
    lines = ["| type | priority | sent when | payload | consent |", "|---|---|---|---|---|"]
    lines += [_type_row(row) for row in TYPES.values()]
    lines += ["", "## Payload fields", ""]
    for payload in dict.fromkeys(row.payload for row in TYPES.values()):
        lines += _payload_section(payload)
    return "\n".join(lines) + "\n"


def _payload_name(payload: type[Payload]) -> str:
    """The payload's name in the docs: the class name without ``Payload``, except for the empty one."""
    return payload.__name__.removesuffix("Payload") or "Payload"


def _type_row(row: EventType) -> str:
    basis = "not needed: rests on contract" if row.essential else "`analytics`"
    return f"| `{row.name}` | {row.priority.name} | {row.trigger} | {_payload_name(row.payload)} | {basis} |"


def _payload_section(payload: type[Payload]) -> list[str]:
    fields = msgspec.structs.fields(payload)
    lines = [f"### {_payload_name(payload)}", "", getdoc(payload) or "", ""]
    if fields:
        lines += ["| field | type |", "|---|---|"]
        lines += [f"| `{field.encode_name}` | {_type_name(field.type)} |" for field in fields]
        lines.append("")
    return lines


def _type_name(kind: Any) -> str:
    shape = msgspec.json.schema(kind)
    options = [each for each in shape.get("anyOf", [shape]) if each.get("type") != "null"]
    return ", ".join(_shape_name(each) for each in options)


def _shape_name(shape: dict[str, Any]) -> str:
    if shape.get("type") == "array":
        return "list of [from, to] pairs of seconds"
    bounds = [words.format(shape[key]) for key, words in _BOUNDS.items() if key in shape]
    return " ".join([shape.get("type", "any"), *bounds])


_BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "maxLength": "of at most {} characters",
    "pattern": "matching `{}`",
}


def write_families() -> str:
    """The table of what Prometheus reads."""
    rows = [
        f"| `{name}` | {each.kind} | {', '.join(f'`{label}`' for label in each.labels)} | {each.what} |"
        for name, each in FAMILIES.items()
    ]
    return "\n".join(["| name | kind | labels | meaning |", "|---|---|---|---|", *rows]) + "\n"


def write_plan() -> str:
    """The plan of the three sizes, its simulation, and the unit costs it is made of."""
    columns = plan.answer(None, None)
    costs = [
        {"unit cost": f"`{each.name}`", "value": f"{each.value:,g}", "unit": each.unit, "basis": each.basis}
        | {"from": each.source, "measured on": each.measured_on, "machine": each.machine}
        for each in plan.read_costs().all()
    ]
    sizes = [
        {"": each.name, "students": f"{each.plan.load.students:,}"}
        | {"events a day": f"{each.plan.load.events_per_day:,}"}
        for each in columns
    ]
    sections = {
        "The three sizes": sizes,
        "The plan": plan.figure_rows(columns),
        "Cost drivers": plan.driver_rows(columns),
        "The simulation": plan.outcome_rows(columns),
        "Unit costs": costs,
    }
    return "\n".join(f"## {heading}\n\n{_table(rows)}" for heading, rows in sections.items())


def _table(rows: list[dict[str, str]]) -> str:
    head = list(rows[0])
    lines = [head, ["---"] * len(head), *(list(row.values()) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write_decisions() -> str:
    """The list of decisions, by number."""
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    return "".join(f"- [{_title(page)}]({page.name})\n" for page in pages)


def _title(page: Path) -> str:
    return page.read_text().partition("\n")[0].removeprefix("# ")


def renew(path: Path, text: str) -> str:
    """The page with everything after the mark replaced."""
    return path.read_text().partition(MARK)[0] + MARK + "\n" + text


def pages() -> dict[Path, str]:
    """Every generated page with its current text."""
    written = {
        DOCS / "reference/alerts.md": write_rules(),
        DOCS / "reference/events.md": write_events(),
        DOCS / "reference/metrics.md": write_reference(),
        DOCS / "reference/screens.md": write_cards(),
        DOCS / "reference/monitoring.md": write_families(),
        DOCS / "how-to/size-a-cluster.md": write_plan(),
        DOCS / "reference/warehouse.md": write_warehouse(),
        DOCS / "decisions/index.md": write_decisions(),
    }
    return {path: renew(path, text) for path, text in written.items()} | files()


def files() -> dict[Path, str]:
    """What is made whole for other programs."""
    plan = msgspec.json.format(msgspec.json.encode(tell_plan()), indent=1).decode()
    return {
        DEPLOY / "airflow/jobs.json": plan + "\n",
        DEPLOY / "dbt/models/sources.yml": write_sources(),
    }


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text)
