"""``coursepulse users``: who may sign in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from coursepulse.cli.asking import ask_json, print_json, show_time
from coursepulse.client.local_server import Server
from coursepulse.kit.errors import SettingError


def add(server: Server, login_name: str, row: dict[str, str], *, as_json: bool) -> None:
    """Make an account and print its password, if one was made up."""
    _show_one(ask_json(server, "POST", "/v1/accounts", {"login_name": login_name} | row), as_json=as_json)


def change(server: Server, login_name: str, change: dict[str, Any], *, as_json: bool) -> None:
    """Change an account and print what it is now."""
    account = ask_json(server, "PATCH", f"/v1/accounts/{quote(login_name, safe='')}", change)
    _show_one(account, as_json=as_json)


def show(server: Server, *, as_json: bool) -> None:
    """Print everyone who may sign in."""
    accounts = ask_json(server, "GET", "/v1/accounts")
    if as_json:
        print_json(accounts)
        return
    table = Table("Login", "Role", "Organisation", "Status", "Last sign-in", box=None, header_style="bold")
    for each in accounts:
        status = "disabled" if each["disabled"] else "by provider" if each["provided"] else "active"
        last = show_time(each["last_sign_in_at"])
        table.add_row(each["login_name"], each["role"], each["organisation_id"], status, last)
    Console().print(table)


def read_password(file: Path | None) -> str:
    """The first line of a file (``-`` is standard input); empty without one, and the server makes one up.

    Never an argument of the command: those can be read by everyone on the machine.

    :raises SettingError: when it cannot be read, or is empty
    """
    if file is None:
        return ""
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8-sig")
    except OSError as error:
        raise SettingError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingError(f"{file} is not UTF-8: save it as UTF-8.") from None
    password = text.splitlines()[0] if text.strip() else ""
    if not password:
        raise SettingError(f"{file} contains no password.")
    return password


def _show_one(account: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(account)
        return
    status = ", disabled" if account["disabled"] else ""
    console = Console()
    console.print(f"{account['login_name']}: {account['role']}{status}", highlight=False)
    if account["password"]:
        console.print(f"Password, shown this once: {account['password']}", highlight=False)
