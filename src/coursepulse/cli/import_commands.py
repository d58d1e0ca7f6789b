"""``coursepulse import``: what each command takes."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from coursepulse.cli import consents, imports
from coursepulse.cli.environment import read_settings
from coursepulse.cli.installation import with_first_server, with_server
from coursepulse.cli.options import Data, Json
from coursepulse.importers.moodle import MoodleFiles
from coursepulse.importers.oneroster import SOURCE
from coursepulse.importers.oulad import OuladFolder
from coursepulse.importers.source import RecordSource
from coursepulse.importers.statements import caliper_files, openedx_files, xapi_files
from coursepulse.kit.settings import Settings

group = typer.Typer(help="Bring in what other systems recorded.", no_args_is_help=True)


Files = Annotated[list[Path], typer.Argument(help="Files, plain or gzip.")]
Roster = Annotated[
    bool, typer.Option(help="Also bring in courses and people, replacing courses of the same id.")
]
Consent = Annotated[
    bool,
    typer.Option(
        help="Assert that the imported students agreed to analytics; without it, only what needs none."
    ),
]


@group.command(name="xapi")
def import_xapi(
    files: Files,
    home_page: Annotated[
        str,
        typer.Option(
            help="Home page whose accounts go by name alone; by default the commonest of the first import.",
            metavar="URL",
        ),
    ] = "",
    consent: Consent = True,
    roster: Roster = True,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """xAPI statements: JSON lines, arrays, or a record store's answers."""
    _run(
        lambda settings: xapi_files(files, imports.open_notes(settings), home_page),
        data,
        consent=consent,
        roster=roster,
        as_json=as_json,
    )


@group.command(name="oulad")
def import_oulad(
    directory: Annotated[Path, typer.Argument(help="Folder with the seven CSV files, plain or gzip.")],
    consent: Consent = True,
    roster: Roster = True,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """The Open University Learning Analytics Dataset."""
    _run(
        lambda settings: OuladFolder(directory, settings.data / "imports"),
        data,
        consent=consent,
        roster=roster,
        as_json=as_json,
    )


@group.command(name="openedx")
def import_openedx(
    files: Files, consent: Consent = True, roster: Roster = True, as_json: Json = False, data: Data = None
) -> None:
    """Open edX tracking logs."""
    _run(lambda _: openedx_files(files), data, consent=consent, roster=roster, as_json=as_json)


@group.command(name="caliper")
def import_caliper(
    files: Files, consent: Consent = True, roster: Roster = True, as_json: Json = False, data: Data = None
) -> None:
    """Caliper 1.2: envelopes of events."""
    _run(lambda _: caliper_files(files), data, consent=consent, roster=roster, as_json=as_json)


@group.command(name="moodle")
def import_moodle(
    files: Annotated[
        list[Path], typer.Argument(help="A folder with tables or log reports, or the files, plain or gzip.")
    ],
    time_zone: Annotated[
        str, typer.Option(help="IANA time zone of the site, or of the person who made the report.")
    ] = "UTC",
    language: Annotated[
        str, typer.Option(help="Language of log reports: en, en_us or de; by default as their columns tell.")
    ] = "",
    course: Annotated[str, typer.Option(help="Id of the course of a log report that does not tell it.")] = "",
    consent: Consent = True,
    roster: Roster = True,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Moodle: its log or log report, and tables of attempts, grades, completions and enrolments."""
    _run(
        lambda settings: MoodleFiles(files, imports.open_notes(settings), time_zone, language, course),
        data,
        consent=consent,
        roster=roster,
        as_json=as_json,
    )


def _run(
    make: Callable[[Settings], RecordSource],
    data: Path | None,
    *,
    consent: bool,
    roster: bool,
    as_json: bool,
) -> None:
    settings = read_settings(data=data)
    with_first_server(
        data,
        lambda server: imports.run_events(
            make(settings),
            server.url,
            server.key,
            settings.data,
            consent=consent,
            roster=roster,
            as_json=as_json,
        ),
    )


class PersonId(StrEnum):
    """A column of OneRoster's users."""

    SOURCED_ID = "sourcedId"
    USERNAME = "username"
    IDENTIFIER = "identifier"


@group.command(name="oneroster")
def import_oneroster(
    path: Annotated[Path, typer.Argument(help="Folder or ZIP file with manifest.csv.")],
    person_id: Annotated[
        PersonId, typer.Option("--id", help="The column of users.csv by which events name people.")
    ] = PersonId.SOURCED_ID,
    time_zone: Annotated[str, typer.Option(help="IANA time zone of everybody in the files.")] = "UTC",
    source: Annotated[
        str, typer.Option(help="The system it is from: a bulk file ends nothing that came from another.")
    ] = SOURCE,
    force: Annotated[
        bool, typer.Option("--force", help="End everyone a bulk file does not name, however many they are.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """People, classes and enrolments of OneRoster 1.1 or 1.2."""
    with_first_server(
        data,
        lambda server: imports.run_oneroster(
            path,
            server.url,
            server.key,
            id_column=person_id,
            time_zone=time_zone,
            source=source,
            force=force,
            as_json=as_json,
        ),
    )


@group.command(name="roster")
def import_roster_files(
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV files named after what they hold: teams.csv, trainings.csv, seats.csv, …"),
    ],
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Teams, trainings, certificates, target profiles, seats, budgets and more, from CSV files."""
    with_first_server(data, lambda server: imports.run_roster(files, server.url, server.key, as_json=as_json))


@group.command(name="consents")
def import_consents(
    file: Annotated[Path, typer.Argument(help="CSV with external_id, purpose, granted, at.")],
    data: Data = None,
) -> None:
    """Decisions of students about the use of their data, from a CSV file."""
    with_server(data, lambda server: consents.run_consents(file, server.url, server.key))
