"""The commands ``users`` and ``keys``: parse, call one function, print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from coursepulse.cli import keys, users
from coursepulse.cli.installation import with_first_server, with_server
from coursepulse.cli.options import Data, Json

people = typer.Typer(help="Who may sign in: add, list and change accounts.", no_args_is_help=True)
programs = typer.Typer(help="API keys of programs: add, list and revoke them.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="The login name.")]
RoleName = Annotated[str, typer.Option("--role", help="student, instructor, manager, admin or auditor.")]
Person = Annotated[str, typer.Option(help="The platform's own id of the person they are.")]
Reason = Annotated[
    str,
    typer.Option(
        help="Why the account is tied to that person, or changed while it is: they and every administrator see it."
    ),
]
Organisation = Annotated[str, typer.Option(help="Their organisation; empty for the platform's own people.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(help="File whose first line is the password, - for standard input; else one is made up."),
]


@people.command(name="add")
def add_user(
    login_name: Login,
    role: RoleName,
    person: Person = "",
    reason: Reason = "",
    organisation: Organisation = "",
    password_file: PasswordFile = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Make an account; its password is printed once."""
    password = users.read_password(password_file)
    row = {"role": role, "person": person, "organisation_id": organisation, "password": password}
    row["reason"] = reason
    with_first_server(data, lambda server: users.add(server, login_name, row, as_json=as_json))


@people.command(name="list")
def list_users(as_json: Json = False, data: Data = None) -> None:
    """List everyone who may sign in."""
    with_server(data, lambda server: users.show(server, as_json=as_json))


@people.command(name="disable")
def disable_user(
    login_name: Login,
    enable: Annotated[bool, typer.Option("--enable", help="Let them in again.")] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Keep somebody out, and end their sessions."""
    _change(login_name, {"disabled": not enable}, as_json, data)


@people.command(name="role")
def change_role(
    login_name: Login,
    role: Annotated[str, typer.Argument(help="student, instructor, manager, admin or auditor.")],
    person: Person = "",
    reason: Reason = "",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Give somebody another role, and with --person tie them to somebody on the roster."""
    _change(login_name, {"role": role, "person": person or None, "reason": reason}, as_json, data)


@people.command(name="password")
def change_password(
    login_name: Login,
    password_file: PasswordFile = None,
    reason: Reason = "",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Give somebody a new password, and end their sessions."""
    _change(login_name, {"password": users.read_password(password_file), "reason": reason}, as_json, data)


@programs.command(name="add")
def add_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            help="ingest, backfill, roster, read, audit, embed, privacy, monitor or jobs; may be repeated.",
        ),
    ],
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Make a key; its secret is printed once."""
    with_first_server(data, lambda server: keys.add(server, name, scope, as_json=as_json))


@programs.command(name="list")
def list_keys(as_json: Json = False, data: Data = None) -> None:
    """List every key that was made here."""
    with_server(data, lambda server: keys.show(server, as_json=as_json))


@programs.command(name="revoke")
def revoke_key(
    name: Annotated[str, typer.Argument(help="Its name.")], as_json: Json = False, data: Data = None
) -> None:
    """Take a key out of use for good."""
    with_server(data, lambda server: keys.revoke(server, name, as_json=as_json))


def _change(login_name: str, change: dict[str, Any], as_json: bool, data: Path | None) -> None:
    with_server(data, lambda server: users.change(server, login_name, change, as_json=as_json))
