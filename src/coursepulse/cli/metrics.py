"""Printing metrics: the same rows as the API gives, as a table, JSON or CSV."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import httpx
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from coursepulse.kit.errors import SettingError

FORMATS = ("table", "json", "csv")

#: Seconds; a cold query over years of data may take a while.
_TIMEOUT = 120.0

#: Characters that the widest table may take when it is measured; a measure is never more than what there is.
_WIDEST = 10_000

Row = dict[str, Any]


def run(
    url: str,
    key: str,
    name: str | None,
    *,
    course: str | None = None,
    student: str | None = None,
    video: str | None = None,
    start: str | None = None,
    end: str | None = None,
    form: str = "table",
) -> None:
    """Print one metric, or without a name the catalog.

    :raises SettingError: when the server refuses the question, in its own words
    """
    if form not in FORMATS:
        raise SettingError(f"--format must be one of {', '.join(FORMATS)}.")
    asked = {"course": course, "student": student, "video": video, "from": start, "to": end}
    given = {each: value for each, value in asked.items() if value is not None}
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=_TIMEOUT) as http:
        show(http, name, given, form)


def show(http: httpx.Client, name: str | None, params: dict[str, str], form: str) -> None:
    """Print what a server answers.

    :raises SettingError: when it refuses the question
    """
    if name is None:
        _print_catalog(_ask(http, "/v1/metrics", {}).json()["metrics"], form)
    else:
        _print_metric(http, name, params, form)


def _ask(http: httpx.Client, path: str, params: dict[str, str]) -> httpx.Response:
    try:
        answer = http.get(path, params=params)
    except httpx.HTTPError as error:
        raise SettingError(f"The server at {http.base_url} does not answer: {error}.") from None
    if answer.is_error:
        raise SettingError(_sentence(answer))
    return answer


def _sentence(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["sentence"])
    except (ValueError, KeyError, TypeError):
        return f"The server answered {answer.status_code}."


def _print_catalog(metrics: list[Row], form: str) -> None:
    rows = [
        {"name": each["name"], "needs": " ".join(each["needs"]), "description": each["description"]}
        for each in metrics
    ]
    if form == "json":
        sys.stdout.write(json.dumps(metrics, indent=2) + "\n")
    else:
        Console().print(_table("Metrics", ["name", "needs", "description"], rows))


def _print_metric(http: httpx.Client, name: str, params: dict[str, str], form: str) -> None:
    path = f"/v1/metrics/{name}"
    if form == "csv":
        sys.stdout.write(_ask(http, path, params | {"format": "csv"}).text)
        return
    answer = _ask(http, path, params).json()
    if form == "json":
        sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
        return
    print_rows(f"{name}, {answer['from']} to {answer['to']}", answer["columns"], answer["rows"])
    sys.stdout.write(
        f"latest data {answer['latest_data_at'] or 'none'}, definitions {answer['definition']['version']}\n"
    )


def print_rows(title: str, columns: Sequence[Row], rows: Sequence[Row]) -> None:
    """As a table, or row by row where the terminal is too narrow for its words, as ``\\x auto`` of psql does."""
    console = Console()
    table = _table(title, [column["name"] for column in columns], rows)
    wide = console.options.update(max_width=_WIDEST)
    fits = Measurement.get(console, wide, table).minimum <= console.width
    console.print(table if fits else _list_rows(title, columns, rows))


def _table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> Table:
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
