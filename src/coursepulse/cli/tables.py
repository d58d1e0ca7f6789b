"""Rows on a terminal. What answers are made of is loaded by the commands that need it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

#: Characters that the widest table may take when it is measured; a measure is never more than what there is.
_WIDEST = 10_000

Row = dict[str, Any]


def print_rows(title: str, columns: Sequence[Row], rows: Sequence[Row]) -> None:
    """As a table, or row by row where the terminal is too narrow for its words, as ``\\x auto`` of psql does."""
    console = Console()
    if not rows:
        console.print(f"{title}: no rows", highlight=False, soft_wrap=True)
        return
    table = make_table(title, [column["name"] for column in columns], rows)
    wide = console.options.update(max_width=_WIDEST)
    fits = Measurement.get(console, wide, table).minimum <= console.width
    console.print(table if fits else _list_rows(title, columns, rows))


def make_table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Table:
    """A row for each."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    return table


def _list_rows(title: str, columns: Sequence[Row], rows: Sequence[Row]) -> Table:
    """A line for each number, with its unit; a rule between two rows."""
    table = Table(title=title, title_justify="left", show_header=False)
    for row in rows:
        for column in columns:
            table.add_row(column["name"], _cell(row[column["name"]]), column["unit"])
        table.add_section()
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return value if isinstance(value, str) else json.dumps(value)
