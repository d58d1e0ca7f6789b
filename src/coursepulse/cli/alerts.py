"""``coursepulse alerts``: what was raised and why, and what a rule would have raised, over the API of a server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import typer

from coursepulse.cli.asking import ask_json, print_json, show_time
from coursepulse.cli.installation import with_server
from coursepulse.cli.tables import print_lines, print_rows, unitless
from coursepulse.client.local_server import Server

group = typer.Typer(help="Alerts: list and explain them, and try their rules.", no_args_is_help=True)

_COLUMNS = unitless("id", "raised", "severity", "state", "course", "reason")
_TRIED = unitless("raised", "cleared", "course", "student", "item", "verdict")

#: What a trial says of an alert.
_VERDICTS = {True: "right", False: "wrong", None: "not known yet"}

Data = Annotated[Path | None, typer.Option("--data", help="Data directory (COURSEPULSE_DATA).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@group.command(name="list")
def list_alerts(
    state: Annotated[str, typer.Option(help="new, open, acknowledged, snoozed, cleared or all.")] = "new",
    rule: Annotated[str, typer.Option(help="Alerts of this rule only.")] = "",
    course: Annotated[str, typer.Option(help="Alerts about this course and its students only.")] = "",
    student: Annotated[str, typer.Option(help="The platform's id of a student, or the pseudonym.")] = "",
    limit: int = 50,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """List alerts, newest first."""
    wish = {"state": state, "rule": rule, "course": course, "student": student, "limit": limit}
    with_server(data, lambda server: _list(server, wish, as_json=as_json))


@group.command(name="explain")
def explain_alert(
    alert: Annotated[UUID, typer.Argument(help="Its id in the list.", metavar="ID")],
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Say why an alert was raised, from which events, and what clears it."""
    with_server(data, lambda server: _explain(server, alert, as_json=as_json))


@group.command(name="test-rule")
def try_rule(
    name: Annotated[str, typer.Argument(help="The name of a rule.")],
    since: Annotated[str, typer.Option(help="First day or moment, ISO 8601, UTC.")],
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Say how often a rule would have fired since a day, for which students, and how often it would have been right."""
    with_server(data, lambda server: _try(server, name, since, as_json=as_json))


def _list(server: Server, wish: dict[str, Any], *, as_json: bool) -> None:
    given = {name: value for name, value in wish.items() if value != ""}
    found = ask_json(server, "GET", f"/v1/alerts?{urlencode(given)}")
    if as_json:
        print_json(found)
        return
    print_rows("Alerts, newest first", _COLUMNS, [_row(alert) for alert in found["alerts"]])
    if found["next"]:
        print_lines(["There are more: raise --limit, or narrow the list."])


def _explain(server: Server, alert: UUID, *, as_json: bool) -> None:
    found = ask_json(server, "GET", f"/v1/alerts/{alert}")
    if as_json:
        print_json(found)
        return
    print_lines(_tell(found))


def _try(server: Server, name: str, since: str, *, as_json: bool) -> None:
    found = ask_json(server, "GET", f"/v1/alert-rules/{name}/trial?{urlencode({'since': since})}")
    if as_json:
        print_json(found)
        return
    print_rows(f"Alerts of {name} since {since}", _TRIED, [_tried(each) for each in found["alerts"]])
    print_lines(_sum_up(found))


def _row(alert: dict[str, Any]) -> dict[str, str]:
    return {
        "id": alert["id"],
        "raised": show_time(alert["raised_at"]),
        "severity": alert["severity"],
        "state": _state(alert),
        "course": alert["course"],
        "reason": alert["reason"],
    }


def _state(alert: dict[str, Any]) -> str:
    if alert["cleared_at"]:
        return f"cleared {show_time(alert['cleared_at'])}"
    if alert["acknowledged_at"]:
        return "acknowledged"
    until = alert["snoozed_until"]
    snoozed = until and datetime.fromisoformat(until) > datetime.now(UTC)
    return f"snoozed until {show_time(until)}" if snoozed else "open"


def _tell(found: dict[str, Any]) -> list[str]:
    alert = found["alert"]
    lines = [
        f"{alert['title']} ({alert['rule']}, {alert['severity']})",
        alert["reason"],
        alert["clears"],
        f"course    {alert['course_title']} ({alert['course']})" if alert["course"] else "",
        f"student   {alert['student']}" if alert["student"] else "",
        f"raised    {show_time(alert['raised_at'])}, {_state(alert)}",
        f"evidence  {_count(len(found['evidence']), 'event')}",
    ]
    events = [
        f"  {show_time(each['at'])}  {each['event_type']}  {each['event_id']}" for each in found["events"]
    ]
    return [line for line in lines if line] + events


def _tried(each: dict[str, Any]) -> dict[str, str]:
    return {
        "raised": show_time(each["raised_at"]),
        "cleared": show_time(each["cleared_at"]) if each["cleared_at"] else "",
        "course": each["course"],
        "student": each["student"],
        "item": each["item"],
        "verdict": _VERDICTS[each["right"]],
    }


def _sum_up(found: dict[str, Any]) -> list[str]:
    way = "day by day, as known then" if found["replayed"] else "from the alerts on record"
    way = f"{_count(found['events'], 'event')} replayed" if found["events"] else way
    known = found["right"] + found["wrong"]
    share = f", {found['right'] / known:.0%} of those known" if known else ""
    return [
        f"{_count(found['fired'], 'alert')} about {_count(found['students'], 'student')} ({way})",
        f"{found['right']:,} right{share}, {found['wrong']:,} wrong, {found['undecided']:,} not known yet",
    ]


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
