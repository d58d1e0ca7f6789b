"""Every command, each a few lines: parse, call one function, print."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from coursepulse import __version__
from coursepulse.cli import (
    alerts,
    audit,
    compliance,
    consents,
    identity,
    imports,
    privacy,
    webhooks,
)
from coursepulse.cli.environment import read_settings
from coursepulse.cli.installation import installed, with_first_server, with_server
from coursepulse.cli.stops import Stoppable
from coursepulse.importers.oneroster import SOURCE
from coursepulse.kit.errors import CoursepulseError

app = typer.Typer(
    cls=Stoppable,
    help="Student analytics: events in, correct numbers out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
dead_letter_commands = typer.Typer(help="Refused events: list, fix and replay them.", no_args_is_help=True)
imported = typer.Typer(help="Bring in what other systems recorded.", no_args_is_help=True)
app.add_typer(dead_letter_commands, name="dead-letters")
app.add_typer(imported, name="import")
trail = typer.Typer(help="Who looked at what, and whether the trail still holds.", no_args_is_help=True)
app.add_typer(trail, name="audit")
app.add_typer(alerts.group, name="alerts")
app.add_typer(compliance.group, name="compliance")
app.add_typer(identity.people, name="users")
app.add_typer(identity.programs, name="keys")
app.add_typer(webhooks.group, name="webhooks")
personal = typer.Typer(help="Requests of students about their data.", no_args_is_help=True)
app.add_typer(personal, name="privacy")

Data = Annotated[Path | None, typer.Option("--data", help="Data directory (COURSEPULSE_DATA).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def main() -> None:
    """Run the command line; what coursepulse can explain becomes one line and exit code 1."""
    # Whatever a command writes is about people: nobody else on this machine is to read it.
    os.umask(0o077)
    try:
        app()
    except CoursepulseError as error:
        sys.stderr.write(f"coursepulse: {error}\n")
        sys.exit(1)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def common(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Student analytics: events in, correct numbers out."""


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 for any free one.")] = None,
    collect_only: Annotated[
        bool, typer.Option(help="Only take events in; another process stores them.")
    ] = False,
) -> None:
    """Serve the event collector, the metrics and the screens."""
    from coursepulse.cli import operate

    operate.serve(read_settings(data=data, host=host, port=port), collect_only=collect_only)


@app.command(name="demo")
def run_demo(
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    students: Annotated[int | None, typer.Option(help="Students on the simulated campus (2,000).")] = None,
    courses: Annotated[int | None, typer.Option(help="Courses on the simulated campus (60).")] = None,
    days: Annotated[int | None, typer.Option(help="Days of history (60).")] = None,
    rate: Annotated[
        float, typer.Option(help="Events per second at the most while students go on clicking.")
    ] = 20.0,
) -> None:
    """Serve a simulated campus, with students still clicking."""
    from coursepulse.cli import demo

    demo.run(read_settings(data=data, port=port, demo=True), students, courses, days, rate)


@app.command(name="simulate")
def run_simulate(
    url: Annotated[str, typer.Option(help="Server to send to.")],
    key: Annotated[str, typer.Option(help="API key.", envvar="COURSEPULSE_KEY")],
    students: int = 2000,
    courses: int = 60,
    days: int = 60,
    seed: int = 1,
    now: Annotated[
        str | None, typer.Option(help="End of the history, ISO 8601; the present when left out.")
    ] = None,
    rate: Annotated[
        float, typer.Option(help="Events per second to go on with; 0 to stop after the history.")
    ] = 0.0,
    history: Annotated[bool, typer.Option(help="Send the past days first.")] = True,
) -> None:
    """Send a simulated campus to a server."""
    from coursepulse.cli import simulate

    simulate.run(
        url,
        key,
        students=students,
        courses=courses,
        days=days,
        seed=seed,
        now=now,
        rate=rate,
        history=history,
    )


@app.command()
def migrate(data: Data = None) -> None:
    """Bring both databases up to this version."""
    from coursepulse.cli import operate

    operate.migrate(read_settings(data=data))


@app.command()
def doctor(data: Data = None) -> None:
    """Check every setting and every store it names."""
    from coursepulse.cli import operate

    operate.doctor(read_settings(data=data))


@app.command(name="rebuild")
def run_rebuild(data: Data = None) -> None:
    """Compute every rollup again from the stored events."""
    from coursepulse.cli import operate

    operate.rebuild(installed(data))


@app.command(name="metrics")
def run_metrics(
    name: Annotated[str | None, typer.Argument(help="The metric; leave out to list them all.")] = None,
    course: str | None = None,
    student: str | None = None,
    video: str | None = None,
    team: str | None = None,
    start: Annotated[str | None, typer.Option("--from", help="First day, ISO.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Day after the last, ISO.")] = None,
    step: Annotated[str | None, typer.Option(help="week or month.")] = None,
    sort: Annotated[str | None, typer.Option(help="A column; -column for descending.")] = None,
    limit: Annotated[int | None, typer.Option(help="Rows at the most.")] = None,
    offset: Annotated[int | None, typer.Option(help="Rows to leave out first.")] = None,
    form: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
    data: Data = None,
) -> None:
    """Print any metric of the catalog."""
    from coursepulse.cli import metrics
    from coursepulse.metrics.metric import Param

    asked = {
        Param.COURSE: course,
        Param.STUDENT: student,
        Param.VIDEO: video,
        Param.TEAM: team,
        Param.FROM: start,
        Param.TO: end,
        Param.STEP: step,
        Param.SORT: sort,
        Param.LIMIT: limit,
        Param.OFFSET: offset,
    }
    given = metrics.check(name, asked, form)
    with_server(data, lambda server: metrics.run(server.url, server.key, name, given, form))


@dead_letter_commands.command(name="list")
def list_dead_letters(
    reason: str | None = None, limit: int = 50, as_json: Json = False, data: Data = None
) -> None:
    """List refused events, newest first."""
    from coursepulse.cli import dead_letters

    with_server(
        data, lambda server: dead_letters.show(server.url, server.key, reason, limit, as_json=as_json)
    )


@dead_letter_commands.command(name="fix")
def fix_dead_letter(
    number: Annotated[int, typer.Argument(help="Its number in the list.")],
    file: Annotated[Path, typer.Argument(help="The mended event as JSON; - for standard input.")],
    data: Data = None,
) -> None:
    """Put a mended event in the place of a refused one."""
    from coursepulse.cli import dead_letters

    with_server(data, lambda server: dead_letters.fix(server.url, server.key, number, file))


@dead_letter_commands.command(name="replay")
def replay_dead_letters(
    numbers: Annotated[
        list[int] | None, typer.Argument(help="Their numbers; all of them when left out.")
    ] = None,
    reason: str | None = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Send refused events through the collector again."""
    from coursepulse.cli import dead_letters

    with_server(
        data, lambda server: dead_letters.replay(server.url, server.key, numbers, reason, as_json=as_json)
    )


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


@imported.command(name="xapi")
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
    settings = read_settings(data=data)
    with_first_server(
        data,
        lambda server: imports.run_xapi(
            files,
            server.url,
            server.key,
            settings,
            home_page=home_page,
            consent=consent,
            roster=roster,
            as_json=as_json,
        ),
    )


@imported.command(name="oulad")
def import_oulad(
    directory: Annotated[Path, typer.Argument(help="Folder with the seven CSV files, plain or gzip.")],
    consent: Consent = True,
    roster: Roster = True,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """The Open University Learning Analytics Dataset."""
    settings = read_settings(data=data)
    with_first_server(
        data,
        lambda server: imports.run_oulad(
            directory, server.url, server.key, settings.data, consent=consent, roster=roster, as_json=as_json
        ),
    )


@imported.command(name="openedx")
def import_openedx(
    files: Files, consent: Consent = True, roster: Roster = True, as_json: Json = False, data: Data = None
) -> None:
    """Open edX tracking logs."""
    settings = read_settings(data=data)
    with_first_server(
        data,
        lambda server: imports.run_openedx(
            files, server.url, server.key, settings.data, consent=consent, roster=roster, as_json=as_json
        ),
    )


@imported.command(name="caliper")
def import_caliper(
    files: Files, consent: Consent = True, roster: Roster = True, as_json: Json = False, data: Data = None
) -> None:
    """Caliper 1.2: envelopes of events."""
    settings = read_settings(data=data)
    with_first_server(
        data,
        lambda server: imports.run_caliper(
            files, server.url, server.key, settings.data, consent=consent, roster=roster, as_json=as_json
        ),
    )


@imported.command(name="moodle")
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
    settings = read_settings(data=data)
    with_first_server(
        data,
        lambda server: imports.run_moodle(
            files,
            server.url,
            server.key,
            settings,
            time_zone=time_zone,
            language=language,
            course=course,
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


@imported.command(name="oneroster")
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


@imported.command(name="roster")
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


@imported.command(name="consents")
def import_consents(
    file: Annotated[Path, typer.Argument(help="CSV with external_id, purpose, granted, at.")],
    data: Data = None,
) -> None:
    """Decisions of students about the use of their data, from a CSV file."""
    with_server(data, lambda server: consents.run_consents(file, server.url, server.key))


Student = Annotated[str, typer.Argument(help="The platform's own id, or a pseudonym.")]


@personal.command(name="erase")
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


@trail.command(name="verify")
def verify_trail(as_json: Json = False, data: Data = None) -> None:
    """Walk the chain; names the first broken link and exits 1 when there is one."""
    with_server(data, lambda server: audit.verify(server.url, server.key, as_json=as_json))


@trail.command(name="search")
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


@trail.command(name="export")
@audit.takes_search
def export_trail(
    wish: audit.Wish,
    file: Annotated[Path | None, typer.Argument(help="Standard output when left out.")] = None,
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    data: Data = None,
) -> None:
    """Write entries to a file, oldest first."""
    with_server(data, lambda server: audit.export(server.url, server.key, wish | {"format": form}, file))


@personal.command(name="export")
def export_student(
    student: Student,
    file: Annotated[Path, typer.Argument(help="Where to write the zip.")],
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Write everything held about a student into a zip."""
    with_server(data, lambda server: privacy.export(server.url, server.key, student, file, as_json=as_json))


@personal.command(name="requests")
def list_privacy_requests(limit: int = 50, as_json: Json = False, data: Data = None) -> None:
    """List requests about personal data, newest first."""
    with_server(data, lambda server: privacy.requests(server.url, server.key, limit, as_json=as_json))


@app.command(name="bench")
def run_bench(
    name: Annotated[
        str,
        typer.Argument(
            help=(
                "consent, door, end-to-end, erasure, freshness, growth, live, processors, queries, quiet, readers, "
                "import or all."
            ),
        ),
    ],
    minutes: Annotated[float | None, typer.Option(help="How long the end-to-end run lasts.")] = None,
    students: Annotated[
        int | None, typer.Option(help="How many are at work in the end-to-end run (5,000).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure, each figure beside a limit measured in the same run."""
    from coursepulse.cli import benches

    benches.run(name, minutes=minutes, students=students, as_json=as_json)
