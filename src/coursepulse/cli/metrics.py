"""Printing metrics: the same rows as the API gives, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from coursepulse.dashboards.text import say
from coursepulse.kit.errors import SettingError
from coursepulse.metrics.metric import Param
from coursepulse.web.metrics.api import LACKS_CONSENT

FORMATS = ("table", "json", "csv")

#: What is printed of a metric in the list of all, and which of it are lists.
_CATALOG = ("name", "needs", "takes", "description")
_LISTS = ("needs", "takes")

#: Seconds; a cold query over years of data may take a while.
_TIMEOUT = 120.0

#: Characters that the widest table may take when it is measured; a measure is never more than what there is.
_WIDEST = 10_000

Row = dict[str, Any]


def check(name: str | None, asked: Mapping[Param, object], form: str) -> dict[str, str]:
    """The parameters that were given; what a metric takes of them is for the server to say.

    :raises SettingError: when no server needs to be asked to see that it cannot be
    """
    if form not in FORMATS:
        raise SettingError(f"--format must be one of {', '.join(FORMATS)}.")
    given = {str(param): str(value) for param, value in asked.items() if value is not None}
    if given and name is None:
        raise SettingError(
            f"--{next(iter(given))} needs the name of a metric; `coursepulse metrics` lists them."
        )
    return given


def run(url: str, key: str, name: str | None, params: dict[str, str], form: str) -> None:
    """Print one metric, or without a name the catalog.

    :raises SettingError: when the server refuses the question, in its own words
    """
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=_TIMEOUT) as http:
        show(http, name, params, form)


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
        {column: " ".join(each[column]) if column in _LISTS else each[column] for column in _CATALOG}
        for each in metrics
    ]
    if form == "json":
        sys.stdout.write(json.dumps(metrics, indent=2) + "\n")
    elif form == "csv":
        writer = csv.DictWriter(sys.stdout, _CATALOG)
        writer.writeheader()
        writer.writerows(rows)
    else:
        Console().print(_table("Metrics", _CATALOG, rows))


def _print_metric(http: httpx.Client, name: str, params: dict[str, str], form: str) -> None:
    path = f"/v1/metrics/{name}"
    if form == "csv":
        said = _ask(http, path, params | {"format": "csv"})
        sys.stdout.write(said.text)
        if lacks := said.headers.get(LACKS_CONSENT):
            sys.stderr.write(_tell_lack(lacks))
        return
    answer = _ask(http, path, params).json()
    if form == "json":
        sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
        return
    print_rows(f"{name}, {answer['from']} to {answer['to']}", answer["columns"], answer["rows"])
    if answer["lacks_consent"]:
        sys.stdout.write(_tell_lack(answer["lacks_consent"]))
    sys.stdout.write(
        f"latest data {answer['latest_data_at'] or 'none'}, definitions {answer['definition']['version']}\n"
    )


def _tell_lack(purpose: str) -> str:
    return say(f"consent.lacks.{purpose}") + "\n"


def print_rows(title: str, columns: Sequence[Row], rows: Sequence[Row]) -> None:
    """As a table, or row by row where the terminal is too narrow for its words, as ``\\x auto`` of psql does."""
    console = Console()
    if not rows:
        console.print(f"{title}: no rows", highlight=False, soft_wrap=True)
        return
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
