"""``coursepulse dead-letters``: what each command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coursepulse.cli import dead_letters
from coursepulse.cli.installation import with_server
from coursepulse.cli.options import Data, Json

group = typer.Typer(help="Refused events: list, fix and replay them.", no_args_is_help=True)


@group.command(name="list")
def list_dead_letters(
    reason: str | None = None, limit: int = 50, as_json: Json = False, data: Data = None
) -> None:
    """List refused events, newest first."""
    with_server(
        data, lambda server: dead_letters.show(server.url, server.key, reason, limit, as_json=as_json)
    )


@group.command(name="fix")
def fix_dead_letter(
    number: Annotated[int, typer.Argument(help="Its number in the list.")],
    file: Annotated[Path, typer.Argument(help="The fixed event as JSON; - for standard input.")],
    data: Data = None,
) -> None:
    """Replace a refused event with a fixed one."""
    with_server(data, lambda server: dead_letters.fix(server.url, server.key, number, file))


@group.command(name="replay")
def replay_dead_letters(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Their numbers; all of them when left out.")
    ] = None,
    reason: str | None = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Send refused events through the collector again."""
    with_server(
        data, lambda server: dead_letters.replay(server.url, server.key, numbers, reason, as_json=as_json)
    )
