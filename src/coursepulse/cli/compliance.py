"""``coursepulse compliance``: what an auditor asks for, over the API of a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coursepulse.cli.audit import download
from coursepulse.cli.installation import with_server
from coursepulse.cli.options import Data

group = typer.Typer(help="What an auditor asks for first.", no_args_is_help=True)


@group.callback()
def _begin() -> None:
    """Keep ``report`` a command of its own group."""


@group.command(name="report")
def write_report(
    file: Annotated[Path | None, typer.Argument(help="Standard output when left out.")] = None,
    start: Annotated[
        str, typer.Option("--from", help="First day or moment, ISO 8601, UTC; 30 days before the end.")
    ] = "",
    end: Annotated[str, typer.Option("--to", help="Day or moment after the last, ISO 8601, UTC; now.")] = "",
    form: Annotated[
        str, typer.Option("--format", help="json or pdf; by the name of the file, else json.")
    ] = "",
    data: Data = None,
) -> None:
    """Count consents, requests, accesses, refusals, opened records and retention, and check the audit trail."""
    form = form or ("pdf" if file is not None and file.suffix.lower() == ".pdf" else "json")
    wish = {name: value for name, value in (("from", start), ("to", end), ("format", form)) if value}
    with_server(data, lambda server: download(server.url, server.key, "/v1/compliance", wish, file))
