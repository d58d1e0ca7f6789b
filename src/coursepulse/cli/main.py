"""The command line: commands of the server itself, and the groups of all others."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from coursepulse import __version__
from coursepulse.cli import (
    alerts,
    audit_commands,
    compliance,
    dead_letter_commands,
    identity,
    import_commands,
    insight,
    jobs,
    privacy_commands,
    sagemaker,
    superset,
    webhooks,
)
from coursepulse.cli.environment import read_settings
from coursepulse.cli.installation import installed, with_server
from coursepulse.cli.options import Data, Json
from coursepulse.cli.stops import Stoppable
from coursepulse.kit.errors import CoursepulseError

app = typer.Typer(
    cls=Stoppable,
    help="Student analytics: events in, correct numbers out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(dead_letter_commands.group, name="dead-letters")
app.add_typer(import_commands.group, name="import")
app.add_typer(audit_commands.group, name="audit")
app.add_typer(alerts.group, name="alerts")
app.add_typer(insight.group, name="insight")
app.add_typer(jobs.group, name="jobs")
app.add_typer(jobs.warehouse, name="warehouse")
app.add_typer(sagemaker.group, name="sagemaker")
app.add_typer(superset.group, name="superset")
app.add_typer(compliance.group, name="compliance")
app.add_typer(identity.people, name="users")
app.add_typer(identity.programs, name="keys")
app.add_typer(webhooks.group, name="webhooks")
app.add_typer(privacy_commands.group, name="privacy")


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
    truth: Annotated[
        Path | None, typer.Option(help="File for what is true of the campus and no event says.")
    ] = None,
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
        truth=truth,
    )


@app.command()
def migrate(data: Data = None) -> None:
    """Bring both databases up to this version."""
    from coursepulse.cli import operate

    operate.migrate(read_settings(data=data))


@app.command()
def doctor(data: Data = None) -> None:
    """Check every setting and every store it names. Where there is no installation yet, nothing is left."""
    from coursepulse.cli import installation, operate

    with installation.on_trial(read_settings(data=data)) as settings:
        operate.doctor(settings)


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
    as_of: Annotated[str | None, typer.Option(help="As it was at the end of this UTC day, ISO.")] = None,
    step: Annotated[str | None, typer.Option(help="week or month.")] = None,
    sort: Annotated[str | None, typer.Option(help="A column; -column for descending.")] = None,
    limit: Annotated[int | None, typer.Option(help="Rows at the most.")] = None,
    offset: Annotated[int | None, typer.Option(help="Rows to leave out first.")] = None,
    search: Annotated[str | None, typer.Option(help="Words of a name.")] = None,
    bucket: Annotated[str | None, typer.Option(help="Bucket of the risk rule.")] = None,
    engagement: Annotated[str | None, typer.Option(help="low, normal, high or absent.")] = None,
    status: Annotated[str | None, typer.Option(help="not_started, in_progress or completed.")] = None,
    form: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
    data: Data = None,
) -> None:
    """Print any metric of the catalog."""
    from coursepulse.cli import metrics
    from coursepulse.metrics.metric import Param

    values = (course, student, video, team, start, end, step, limit, offset, sort)
    asked = dict(zip(Param, (*values, search, bucket, engagement, status), strict=True))
    given = metrics.check(name, asked | {"as_of": as_of}, form)
    with_server(data, lambda server: metrics.run(server.url, server.key, name, given, form))


@app.command(name="bench")
def run_bench(
    name: Annotated[
        str,
        typer.Argument(
            help=(
                "cluster, consent, door, end-to-end, erasure, freshness, growth, insight, live, logs, processors, "
                "queries, quiet, readers, import, unit-costs or all."
            ),
        ),
    ],
    minutes: Annotated[
        float | None, typer.Option(help="How long the end-to-end run lasts, or each run of cluster.")
    ] = None,
    students: Annotated[
        int | None, typer.Option(help="How many are at work in end-to-end and cluster (5,000).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure, each figure beside a limit measured in the same run."""
    from coursepulse.cli import benches

    benches.run(name, minutes=minutes, students=students, as_json=as_json)


@app.command(name="plan")
def run_plan(
    students: Annotated[int | None, typer.Option(help="Active students.")] = None,
    events_per_day: Annotated[int | None, typer.Option(help="Events on an ordinary day.")] = None,
    as_json: Json = False,
) -> None:
    """Say which machines an installation needs, from measured unit costs and a simulation."""
    from coursepulse.cli import plan

    plan.run(students, events_per_day, as_json=as_json)
