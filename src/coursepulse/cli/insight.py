"""``coursepulse insight``: what is learned from the data, and what it is worth."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
import typer

from coursepulse.cli.asking import ask_json, print_json, show_time
from coursepulse.cli.installation import with_server
from coursepulse.cli.options import Json
from coursepulse.cli.tables import print_lines, print_rows, unitless
from coursepulse.client.local_server import Server
from coursepulse.kit.errors import CoursepulseError, SettingError

group = typer.Typer(
    help="Models of risk and skills: train, explain, evaluate, and return to an earlier one.",
    no_args_is_help=True,
)

#: Seconds between two looks at a training.
_LOOK = 2.0

Data = Annotated[Path | None, typer.Option("--data", help="Data directory (COURSEPULSE_DATA).")]


@group.command(name="train")
def train_now(
    wait: Annotated[bool, typer.Option(help="Wait until it has ended, and say what came of it.")] = True,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Train a model on what the installation holds, now rather than next week; fails when that makes none."""
    with_server(data, lambda server: _train(server, wait=wait, as_json=as_json))


@group.command(name="explain")
def explain_learner(
    student: Annotated[str, typer.Argument(help="The platform's id of a student, or the pseudonym.")],
    course: Annotated[str, typer.Argument(help="The platform's id of a course.")],
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Say what the model predicts of a learner, and why."""
    with_server(data, lambda server: _explain(server, student, course, as_json=as_json))


@group.command(name="card")
def show_card(
    model: Annotated[str, typer.Argument(help="A model; the one that predicts when left out.")] = "current",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Print a model card: data, figures with intervals, limits, and why the model is shown or not."""
    with_server(data, lambda server: _show_card(server, model, as_json=as_json))


@group.command(name="roll-back")
def roll_back(as_json: Json = False, data: Data = None) -> None:
    """Return to the model that was shown before; to the rule alone, if there was none."""
    with_server(data, lambda server: _roll_back(server, as_json=as_json))


def _train(server: Server, *, wait: bool, as_json: bool) -> None:
    before = _names_of(ask_json(server, "GET", "/v1/models"))
    found = ask_json(server, "POST", "/v1/models/training")
    while wait and found["waiting"]:
        time.sleep(_LOOK)
        found = ask_json(server, "GET", "/v1/models")
    if wait and _names_of(found) <= before:
        raise CoursepulseError(f"No model was trained: {found['told']}")
    if as_json:
        print_json({name: found[name] for name in ("waiting", "trained_at", "told")})
    else:
        print_lines([found["told"] if not found["waiting"] else "A training has been asked for."])


def _names_of(standing: dict[str, Any]) -> set[str]:
    return {each["model"] for each in standing["models"]}


def _explain(server: Server, student: str, course: str, *, as_json: bool) -> None:
    # Loads the words of features, which no other command needs.
    from coursepulse.dashboards.special.prediction import explain  # noqa: PLC0415

    asked = urlencode({"student": student, "course": course})
    answer = ask_json(server, "GET", f"/v1/metrics/student_prediction?{asked}")
    row = next(iter(answer["rows"]), None)
    if row is None:
        raise SettingError(
            "No model says anything of this learner: none is shown, there is not enough information, "
            "or the student did not agree to learning analytics."
        )
    if as_json:
        print_json(row)
        return
    print_lines(_tell(row | explain(row)))


def _tell(row: dict[str, Any]) -> list[str]:
    before = "" if row["before_pct"] is None else f", {row['before_pct']:.0f} % a week before"
    return [
        f"{row['probability_pct']:.0f} % likely not to complete the course ({row['level']} risk{before})",
        *(f"  for      {each}" for each in row["speaks_for"]),
        *(f"  against  {each}" for each in row["speaks_against"]),
        f"{row['known_pct']:.0f} % of what the model looks at is known",
        f"by model {row['model']}, since {show_time(row['predicted_at'])}",
    ]


def _show_card(server: Server, model: str, *, as_json: bool) -> None:
    found = ask_json(server, "GET", f"/v1/models/{quote(model, safe='')}")
    if as_json:
        print_json(found)
        return
    from coursepulse.insight.risk.card import ModelCard, as_markdown  # noqa: PLC0415

    typer.echo(as_markdown(msgspec.convert(found["card"], ModelCard)))


def _roll_back(server: Server, *, as_json: bool) -> None:
    found = ask_json(server, "POST", "/v1/models/roll-back")
    if as_json:
        print_json(found)
    else:
        model = found["model"]
        print_lines([f"Model {model} predicts again." if model else "The rule is shown alone."])


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
