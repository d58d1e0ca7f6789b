"""Rows and lines on a terminal. What answers are made of is loaded by the commands that need it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

#: Characters that the widest table may take when it is measured; a measure is never more than what there is.
_WIDEST = 10_000

#: Characters without a shape of their own that change how the others are shown: they turn the direction of text.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

Row = dict[str, Any]


def print_rows(title: str, columns: Sequence[Row], rows: Sequence[Row]) -> None:
    """As a table, or row by row where the terminal is too narrow for its words, as ``\\x auto`` of psql does."""
    if not rows:
        print_lines([f"{title}: no rows"])
        return
    console = Console()
    table = make_table(title, [column["name"] for column in columns], rows)
    wide = console.options.update(max_width=_WIDEST)
    fits = Measurement.get(console, wide, table).minimum <= console.width
    console.print(table if fits else _list_rows(title, columns, rows))


def make_table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Table:
    """A row for each."""
    table = Table(*columns, title=_plain(title), title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    return table


def print_lines(lines: Iterable[str]) -> None:
    """Lines as they are: names of courses may look like mark-up, and hold what a terminal would obey."""
    Console().print(_plain("\n".join(lines)), highlight=False, soft_wrap=True)


def printable(text: str) -> str:
    """A text whose control characters are written out, so that a terminal shows it and obeys nothing in it."""
    return "".join(letter if _is_harmless(letter) else _write_out(letter) for letter in text)


def unitless(*names: str) -> list[Row]:
    """Columns whose names say everything."""
    return [{"name": name, "unit": ""} for name in names]


def _list_rows(title: str, columns: Sequence[Row], rows: Sequence[Row]) -> Table:
    """A line for each number, with its unit if any has one; a rule between two rows."""
    table = Table(title=_plain(title), title_justify="left", show_header=False)
    units = any(column["unit"] for column in columns)
    for row in rows:
        for column in columns:
            table.add_row(column["name"], _cell(row[column["name"]]), *([column["unit"]] if units else []))
        table.add_section()
    return table


def _cell(value: Any) -> Text:
    if value is None:
        return Text("")
    if isinstance(value, float):
        return Text(f"{value:.2f}".rstrip("0").rstrip("."))
    return _plain(value if isinstance(value, str) else json.dumps(value))


def _plain(text: str) -> Text:
    return Text(printable(text))


def _is_harmless(letter: str) -> bool:
    return letter == "\n" or (unicodedata.category(letter) != "Cc" and letter not in _TURNING)


def _write_out(letter: str) -> str:
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"
