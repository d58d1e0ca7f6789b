"""``coursepulse keys``: API keys of programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from coursepulse.cli.asking import ask_json, print_json, show_time
from coursepulse.cli.tables import print_lines, print_rows, unitless
from coursepulse.client.local_server import Server

_COLUMNS = unitless("name", "scopes", "made", "by", "last used", "revoked")


def add(server: Server, name: str, scopes: Sequence[str], *, as_json: bool) -> None:
    """Make a key and print its secret, which nobody can see again."""
    key = ask_json(server, "POST", "/v1/keys", {"name": name, "scopes": list(scopes)})
    if as_json:
        print_json(key)
        return
    print_lines([f"{key['name']}: {', '.join(key['scopes'])}", f"Secret, shown this once: {key['secret']}"])


def show(server: Server, *, as_json: bool) -> None:
    """Print every key that was made here."""
    keys = ask_json(server, "GET", "/v1/keys")
    if as_json:
        print_json(keys)
        return
    print_rows("Keys", _COLUMNS, [_row(key) for key in keys])


def revoke(server: Server, name: str, *, as_json: bool) -> None:
    """Take a key out of use."""
    key = ask_json(server, "DELETE", f"/v1/keys/{quote(name, safe='')}")
    if as_json:
        print_json(key)
    else:
        print_lines([f"{key['name']} is revoked and opens nothing any more."])


def _row(key: dict[str, Any]) -> dict[str, str]:
    return {
        "name": key["name"],
        "scopes": ", ".join(key["scopes"]),
        "made": show_time(key["created_at"]),
        "by": key["created_by"],
        "last used": show_time(key["last_used_at"]),
        "revoked": show_time(key["revoked_at"]) if key["revoked_at"] else "",
    }
