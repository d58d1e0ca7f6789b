"""``coursepulse audit``: what each command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coursepulse.cli import audit
from coursepulse.cli.installation import with_server
from coursepulse.cli.options import Data, Json

group = typer.Typer(help="Who looked at what, and whether the trail still holds.", no_args_is_help=True)


@group.command(name="verify")
def verify_trail(as_json: Json = False, data: Data = None) -> None:
    """Walk the chain; names the first broken link and exits 1 when there is one."""
    with_server(data, lambda server: audit.verify(server.url, server.key, as_json=as_json))


@group.command(name="search")
@audit.takes_search
def search_trail(
    wish: audit.Wish,
    after: Annotated[str, typer.Option(help="Only entries with lower numbers.")] = "",
    limit: int = 50,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """List entries, newest first."""
    wish |= {"limit": str(limit)} | ({"after": after} if after else {})
    with_server(data, lambda server: audit.search(server.url, server.key, wish, as_json=as_json))


@group.command(name="export")
@audit.takes_search
def export_trail(
    wish: audit.Wish,
    file: Annotated[Path | None, typer.Argument(help="Standard output when left out.")] = None,
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    data: Data = None,
) -> None:
    """Write entries to a file, oldest first."""
    with_server(data, lambda server: audit.export(server.url, server.key, wish | {"format": form}, file))
