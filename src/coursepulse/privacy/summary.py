"""The readable pages of an export: what is in it, and what each column means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from coursepulse.privacy.exportable import ExportedTable, describe

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
    "td,th{text-align:left;padding:.3em 1em .3em 0}"
)


def write_readme(tables: Sequence[ExportedTable], at: datetime) -> str:
    """README.md: every file and every column."""
    lines = [
        "# Everything held about you",
        "",
        f"Created on {at:%Y-%m-%d %H:%M} UTC. Each table is included twice, as JSON and as CSV.",
        "The event log keeps the events in `events` for up to 72 hours and is not repeated here.",
    ]
    for table in tables:
        lines += ["", f"## {table.name} ({table.rows:,} rows)", "", table.description, ""]
        lines += [f"- `{column}`: {describe(column)}" for column in table.columns]
    return "\n".join(lines) + "\n"


def write_summary(tables: Sequence[ExportedTable], facts: Mapping[str, str], at: datetime) -> str:
    """summary.html: who the student is, their consents, and the size of each table."""
    known = "".join(f"<tr><th>{escape(name)}<td>{escape(value)}" for name, value in facts.items())
    listed = "".join(
        f'<tr><td><a href="{escape(table.name)}.csv">{escape(table.name)}</a>'
        f"<td>{table.rows:,}<td>{escape(table.description)}"
        for table in tables
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Everything held about you</title>'
        f"<style>{_STYLE}</style><h1>Everything held about you</h1>"
        f"<p>Created on {at:%Y-%m-%d %H:%M} UTC. README.md explains each column.</p>"
        f"<h2>At a glance</h2><table>{known}</table>"
        f"<h2>Tables</h2><table><tr><th>Table<th>Rows<th>Contents{listed}</table></html>\n"
    )
