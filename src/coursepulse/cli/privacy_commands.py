"""``coursepulse privacy``: what each command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coursepulse.cli import privacy
from coursepulse.cli.installation import with_server
from coursepulse.cli.options import Data, Json

group = typer.Typer(help="Requests of students about their data.", no_args_is_help=True)


Student = Annotated[str, typer.Argument(help="The platform's own id, or a pseudonym.")]


@group.command(name="erase")
def erase_student(
    student: Student,
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove the rows instead of anonymising them.")
    ] = False,
    keep_records: Annotated[
        bool, typer.Option("--keep-records", help="With --delete: keep academic records under a random id.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Forget a student in every store and print the receipt."""
    with_server(
        data,
        lambda server: privacy.erase(
            server.url, server.key, student, delete=delete, keep_records=keep_records, as_json=as_json
        ),
    )


@group.command(name="export")
def export_student(
    student: Student,
    file: Annotated[Path, typer.Argument(help="Where to write the zip.")],
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Write everything held about a student into a zip."""
    with_server(data, lambda server: privacy.export(server.url, server.key, student, file, as_json=as_json))


@group.command(name="requests")
def list_privacy_requests(limit: int = 50, as_json: Json = False, data: Data = None) -> None:
    """List requests about personal data, newest first."""
    with_server(data, lambda server: privacy.requests(server.url, server.key, limit, as_json=as_json))
