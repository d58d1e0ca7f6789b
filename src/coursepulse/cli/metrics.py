"""Printing metrics: the same rows as the API gives, as a table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping

import httpx
from rich.console import Console

from coursepulse.cli.tables import Row, make_table, print_rows
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import SettingError
from coursepulse.web.metrics.api import LACKS_CONSENT

FORMATS = ("table", "json", "csv")

#: What is printed of a metric in the list of all, and which of it are lists.
_CATALOG = ("name", "needs", "takes", "description")
_LISTS = ("needs", "takes")

#: Seconds; a cold query over years of data may take a while.
_TIMEOUT = 120.0


def check(name: str | None, asked: Mapping[str, object], form: str) -> dict[str, str]:
    """The parameters that were given; what a metric takes of them is for the server to say.

    :raises SettingError: when no server needs to be asked to see that it cannot be
    """
    if form not in FORMATS:
        raise SettingError(f"--format must be one of {', '.join(FORMATS)}.")
    given = {str(param): str(value) for param, value in asked.items() if value is not None}
    if given and name is None:
        raise SettingError(
            f"--{next(iter(given)).replace('_', '-')} needs the name of a metric; `coursepulse metrics` lists them."
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
        Console().print(make_table("Metrics", _CATALOG, rows))


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
