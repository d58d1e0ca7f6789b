"""``coursepulse jobs`` lists planned jobs and has one run; ``coursepulse warehouse`` exports by hand."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from coursepulse.cli.asking import ask_json, print_json
from coursepulse.cli.installation import with_server
from coursepulse.cli.options import Data, Json
from coursepulse.cli.tables import print_rows, unitless
from coursepulse.client.local_server import Server
from coursepulse.jobs.planned import WAREHOUSE_EXPORT, tell_plan
from coursepulse.kit.errors import CoursepulseError, SettingError

group = typer.Typer(help="Planned jobs: list them, and have one run.", no_args_is_help=True)
warehouse = typer.Typer(help="The data warehouse.", no_args_is_help=True)

#: Seconds between two looks at a run.
_LOOK = 0.5

_OUTSIDE = "COURSEPULSE_KEY"


@warehouse.callback()
def _begin() -> None:
    """Keep ``export`` a command of its own group."""


@group.command(name="list")
def list_jobs(as_json: Json = False) -> None:
    """List the planned jobs and when each is due, in UTC, as cron has it. Needs no server."""
    plan = tell_plan()
    if as_json:
        print_json(plan)
        return
    print_rows("Planned jobs", unitless("name", "cron", "what", "minutes"), plan)


@group.command(name="run")
def run_job(
    name: Annotated[str, typer.Argument(help="The job, as `coursepulse jobs list` calls it.")],
    planned_for: Annotated[
        str, typer.Option("--for", help="The time it is planned for, ISO 8601; now when left out.")
    ] = "",
    planned_by: Annotated[str, typer.Option(help="Who plans it: airflow or command.")] = "command",
    url: Annotated[
        str,
        typer.Option(
            help="The server, if it is not the one of the data directory.", envvar="COURSEPULSE_URL"
        ),
    ] = "",
    key: Annotated[
        str, typer.Option(help="A key of it with the scope jobs.", envvar=_OUTSIDE, show_envvar=True)
    ] = "",
    data: Data = None,
) -> None:
    """Have the server run a planned job for a time, unless it was done for that time, and wait for the end."""
    wish = {"planned_for": _read_time(planned_for), "planned_by": planned_by}
    if url:
        _have_run(Server(url, key), name, wish)
    else:
        with_server(data, lambda server: _have_run(server, name, wish))


@warehouse.command(name="export")
def export_warehouse(
    to: Annotated[
        str, typer.Option(help="file:///dir or s3://bucket/prefix; that of the settings when left out.")
    ] = "",
    day: Annotated[
        list[str] | None,
        typer.Option(help="Also this UTC day, whether it has changed or not; may be repeated."),
    ] = None,
    data: Data = None,
) -> None:
    """Bring the Parquet files of the warehouse up to date."""
    wish = {"planned_for": _read_time(""), "planned_by": "command", "to": to}
    days = [_read_day(each) for each in day or []]
    with_server(data, lambda server: _have_run(server, WAREHOUSE_EXPORT.name, wish | {"days": days}))


def _have_run(server: Server, name: str, wish: dict[str, Any]) -> None:
    """Print what came of it.

    :raises CoursepulseError: with the sentence of a run that failed
    """
    path = f"/v1/jobs/{quote(name, safe='')}/runs"
    run = ask_json(server, "POST", path, wish)
    while run["outcome"] == "running":
        time.sleep(_LOOK)
        run = ask_json(server, "GET", f"{path}?{urlencode({'planned_for': wish['planned_for']})}")
    if run["outcome"] != "done":
        raise CoursepulseError(run["sentence"])
    typer.echo(run["sentence"] or "Done.")


def _read_time(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError:
        raise SettingError(f"--for {text} is not a time such as 2026-12-01T01:30:00Z.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _read_day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise SettingError(f"--day {text} is not a day such as 2026-12-01.") from None
    if day > datetime.now(UTC).date():
        raise SettingError(f"--day {text} has not begun yet.")
    return day.isoformat()
