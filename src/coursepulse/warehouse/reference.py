"""The tables of the warehouse as the reference and the dbt package have them, made from the declarations."""

from __future__ import annotations

import json

from coursepulse.warehouse.tables import TABLES, Grain, Kind, WarehouseColumn, WarehouseTable

_FILES = {
    Grain.DAY: "One file for each UTC day, in folders `partition_day=2026-11-01`.",
    Grain.MONTH: "One file for each month, in folders `partition_month=2026-11`.",
    Grain.WHOLE: "One file, made anew by each export.",
}

#: Types in the words of Parquet.
_PARQUET = {
    Kind.TEXT: "string",
    Kind.TEXTS: "list of strings",
    Kind.DAY: "date",
    Kind.MOMENT: "timestamp, microseconds, UTC",
    Kind.COUNT: "64-bit integer",
    Kind.NUMBER: "double",
    Kind.FLAG: "boolean",
    Kind.MONEY: "decimal(19, 4)",
    Kind.LEARNER: "string, 32 hexadecimal digits",
    Kind.SESSION: "string, 32 hexadecimal digits",
    Kind.EVENT: "string, 32 hexadecimal digits",
}


def write_warehouse() -> str:
    """A section for each table."""
    return "\n".join(line for table in TABLES for line in _section(table))


def _section(table: WarehouseTable) -> list[str]:
    key = ", ".join(f"`{name}`" for name in table.key)
    rows = [f"| `{each.name}` | {_type(each)} | {each.what} |" for each in table.columns]
    return [
        f"### {table.name}",
        "",
        f"{table.what} {_FILES[table.grain]} Each row has its own {key}.",
        "",
        "| column | type | meaning |",
        "|---|---|---|",
        *rows,
        "",
    ]


def _type(column: WarehouseColumn) -> str:
    return _PARQUET[column.kind] if column.needed else f"{_PARQUET[column.kind]}, or null"


def write_sources() -> str:
    """The sources of the dbt package. JSON is YAML, and nothing has to be quoted by hand."""
    tables = [
        {
            "name": table.name,
            "description": table.what,
            "data_tests": [{"told_apart_by": {"arguments": {"names": list(table.key)}}}],
            "columns": [_source(column) for column in table.columns],
        }
        for table in TABLES
    ]
    source = {"name": "warehouse", "description": "What coursepulse exports.", "tables": tables}
    return json.dumps({"version": 2, "sources": [source]}, indent=1) + "\n"


def _source(column: WarehouseColumn) -> dict[str, object]:
    tests = {"data_tests": ["not_null"]} if column.needed else {}
    return {"name": column.name, "description": column.what, **tests}
