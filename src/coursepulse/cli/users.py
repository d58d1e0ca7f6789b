"""``coursepulse users``: who may sign in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from coursepulse.cli.asking import ask_json, print_json, show_time
from coursepulse.cli.tables import print_lines, print_rows, unitless
from coursepulse.client.local_server import Server
from coursepulse.kit.errors import SettingError

_COLUMNS = unitless("login", "role", "organisation", "status", "last sign-in")


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
    print_rows("Accounts", _COLUMNS, [_row(each) for each in accounts])


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


def _row(account: dict[str, Any]) -> dict[str, str]:
    status = "disabled" if account["disabled"] else "by provider" if account["provided"] else "active"
    return {
        "login": account["login_name"],
        "role": account["role"],
        "organisation": account["organisation_id"],
        "status": status,
        "last sign-in": show_time(account["last_sign_in_at"]),
    }


def _show_one(account: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(account)
        return
    status = ", disabled" if account["disabled"] else ""
    print_lines([f"{account['login_name']}: {account['role']}{status}"])
    if account["password"]:
        print_lines([f"Password, shown this once: {account['password']}"])
