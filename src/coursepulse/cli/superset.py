"""``coursepulse superset``: dashboards for Apache Superset, and tokens for its guests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from coursepulse.cli.asking import ask_json, print_json
from coursepulse.cli.installation import with_server
from coursepulse.cli.options import Data, Json
from coursepulse.kit.errors import SettingError
from coursepulse.superset.address import USUAL_DATABASE

group = typer.Typer(help="Dashboards in Apache Superset.", no_args_is_help=True)

Url = Annotated[str, typer.Option(help="Address of Superset.", envvar="SUPERSET_URL")]
Login = Annotated[str, typer.Option(help="A user of Superset who may do it.", envvar="SUPERSET_LOGIN")]
Password = Annotated[
    str, typer.Option(help="Their password.", envvar="SUPERSET_PASSWORD", prompt=True, hide_input=True)
]
Database = Annotated[
    str,
    typer.Option(
        help="Where Superset finds PostgreSQL, as SQLAlchemy has it.", envvar="SUPERSET_DATABASE_URL"
    ),
]


@group.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A folder for the files.")],
    database_url: Database = USUAL_DATABASE,
) -> None:
    """Write the files that Superset imports: database, data sets, charts and dashboards. Needs no server."""
    from coursepulse.superset.bundle import write_bundle
    from coursepulse.superset.charts import DASHBOARDS

    if urlsplit(database_url).password:
        raise SettingError(
            "The files would hold the password. Leave it out, and give it to Superset's process as PGPASSFILE."
        )
    files = write_bundle(database_url)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    typer.echo(f"{len(files)} files for {len(DASHBOARDS)} dashboards are in {folder}.")


@group.command(name="install")
def install_all(
    url: Url,
    password: Password,
    login: Login = "admin",
    database_url: Database = USUAL_DATABASE,
    frame: Annotated[
        list[str] | None,
        typer.Option(help="An origin whose pages may show the dashboards in frames; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put dashboards, roles and rules into a running Superset, or bring them up to date."""
    from coursepulse.superset.charts import DASHBOARDS
    from coursepulse.superset.install import install
    from coursepulse.superset.rest import SupersetServer

    with SupersetServer(url, login, password) as server:
        installed = install(server, database_url, frame or [])
    if as_json:
        print_json({"embedded": installed.embedded})
        return
    for dashboard in DASHBOARDS:
        place = f"{url.rstrip('/')}/superset/dashboard/{dashboard.slug}/"
        typer.echo(f"{dashboard.title}: {place} (embedded: {installed.embedded[dashboard.name]})")


@group.command(name="guest-token")
def print_token(
    login_name: Annotated[str, typer.Argument(help="The account of coursepulse that is to be a guest.")],
    url: Url,
    password: Password,
    login: Login = "admin",
    data: Data = None,
) -> None:
    """Print a token of Superset that shows somebody what their rights of now allow."""
    from coursepulse.superset.install import make_token
    from coursepulse.superset.rest import SupersetServer

    guest = with_server(
        data, lambda server: ask_json(server, "POST", "/v1/superset-guests", {"login_name": login_name})
    )
    with SupersetServer(url, login, password) as server:
        typer.echo(make_token(server, guest["login_name"], guest["dashboards"], guest["clause"]))
