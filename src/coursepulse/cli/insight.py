"""``coursepulse insight``: what is learned from the data, and what it is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from coursepulse.cli.options import Json
from coursepulse.cli.tables import print_lines, print_rows, unitless

group = typer.Typer(help="Models of risk and skills: evaluate them.", no_args_is_help=True)


@group.command(name="evaluate")
def evaluate_files(
    data: Annotated[
        Path, typer.Option("--data", help="Folder of the files of the protocol; of skills, also a file.")
    ],
    protocol: Annotated[str, typer.Option(help="What to evaluate: risk, dropout or skills.")] = "risk",
    train: Annotated[
        str,
        typer.Option(
            help="Presentations or courses to train on, with commas; all earlier ones when left out."
        ),
    ] = "",
    test: Annotated[
        str, typer.Option(help="Presentations or courses to test on, with commas; the latest when left out.")
    ] = "",
    days: Annotated[
        str, typer.Option(help="Days of a course to test on, with commas.")
    ] = "14,28,42,56,84,112",
    as_json: Json = False,
) -> None:
    """Train and evaluate on files, without a server."""
    # Loads what models are made of, which no other command needs.
    from coursepulse.insight.protocols import Wishes, evaluate  # noqa: PLC0415

    wishes = Wishes(_names(train), _names(test), _numbers(days))
    found = evaluate(protocol, data, wishes)
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    print_lines(f"{name}: {msgspec.json.encode(value).decode()}" for name, value in found.about.items())
    columns = unitless(*found.rows[0]) if found.rows else []
    print_rows(found.protocol, columns, [dict(row) for row in found.rows])


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(name) for name in _names(text)}))
    except ValueError:
        raise typer.BadParameter(f"`{text}` is not a list of days such as 14,28.") from None
