"""``coursepulse keys``: API keys of programs."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from coursepulse.cli.asking import ask_json, print_json, show_time
from coursepulse.client.local_server import Server


def add(server: Server, name: str, scopes: Sequence[str], *, as_json: bool) -> None:
    """Make a key and print its secret, which nobody can see again."""
    key = ask_json(server, "POST", "/v1/keys", {"name": name, "scopes": list(scopes)})
    if as_json:
        print_json(key)
        return
    console = Console()
    console.print(f"{key['name']}: {', '.join(key['scopes'])}", highlight=False)
    console.print(f"Secret, shown this once: {key['secret']}", highlight=False, soft_wrap=True)


def show(server: Server, *, as_json: bool) -> None:
    """Print every key that was made here."""
    keys = ask_json(server, "GET", "/v1/keys")
    if as_json:
        print_json(keys)
        return
    table = Table("Name", "Scopes", "Made", "By", "Last used", "Revoked", box=None, header_style="bold")
    for key in keys:
        revoked = show_time(key["revoked_at"]) if key["revoked_at"] else ""
        used, made = show_time(key["last_used_at"]), show_time(key["created_at"])
        table.add_row(key["name"], ", ".join(key["scopes"]), made, key["created_by"], used, revoked)
    Console().print(table)


def revoke(server: Server, name: str, *, as_json: bool) -> None:
    """Take a key out of use."""
    key = ask_json(server, "DELETE", f"/v1/keys/{quote(name, safe='')}")
    if as_json:
        print_json(key)
    else:
        Console().print(f"{key['name']} is revoked and opens nothing any more.", highlight=False)
