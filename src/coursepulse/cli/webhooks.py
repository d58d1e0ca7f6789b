"""``coursepulse webhooks``: where alerts are sent, over the API of a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from coursepulse.cli.asking import ask_json, print_json, show_time
from coursepulse.cli.installation import with_server
from coursepulse.cli.tables import print_lines, print_rows, unitless
from coursepulse.client.local_server import Server

group = typer.Typer(help="Alerts to other programs: add, list and remove webhooks.", no_args_is_help=True)

_WEBHOOKS = unitless("id", "name", "kind", "receiver", "course", "waiting", "given up")
_MESSAGES = unitless("id", "webhook", "happened", "given up", "why")

Data = Annotated[Path | None, typer.Option("--data", help="Data directory (COURSEPULSE_DATA).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@group.command(name="add")
def add_webhook(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    url: Annotated[str, typer.Option(help="Where messages are sent.")],
    kind: Annotated[str, typer.Option(help="plain, slack or teams.")] = "plain",
    course: Annotated[str, typer.Option(help="The course it is told of; else every course.")] = "",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Make a webhook; the secret that signs its messages is printed once."""
    row = {"name": name, "url": url, "kind": kind, "course_id": course}
    with_server(data, lambda server: _add(server, row, as_json=as_json))


@group.command(name="list")
def list_webhooks(as_json: Json = False, data: Data = None) -> None:
    """List webhooks, with the messages that wait and that were given up."""
    with_server(data, lambda server: _show(server, as_json=as_json))


@group.command(name="remove")
def remove_webhook(
    webhook: Annotated[UUID, typer.Argument(help="Its id, as the list shows it.", metavar="ID")],
    data: Data = None,
) -> None:
    """Remove a webhook, with everything that waits for it."""
    with_server(data, lambda server: _remove(server, webhook))


@group.command(name="dead-letters")
def list_dead(
    limit: Annotated[int, typer.Option(help="Messages at the most.")] = 100,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """List messages that no receiver took, newest first."""
    with_server(data, lambda server: _show_dead(server, limit, as_json=as_json))


@group.command(name="replay")
def replay_dead(
    messages: Annotated[list[str] | None, typer.Argument(help="Ids of messages; else all of them.")] = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Send messages again that no receiver took."""
    with_server(data, lambda server: _replay(server, messages or None, as_json=as_json))


def _add(server: Server, row: dict[str, Any], *, as_json: bool) -> None:
    made = ask_json(server, "POST", "/v1/webhooks", row)
    if as_json:
        print_json(made)
        return
    print_lines([f"{made['name']}: {made['webhook_id']}", f"Secret, shown this once: {made['secret']}"])


def _show(server: Server, *, as_json: bool) -> None:
    found = ask_json(server, "GET", "/v1/webhooks")
    if as_json:
        print_json(found)
        return
    print_rows("Webhooks", _WEBHOOKS, [_row(each) for each in found])


def _row(webhook: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": webhook["webhook_id"],
        "name": webhook["name"],
        "kind": webhook["kind"],
        "receiver": webhook["host"],
        "course": webhook["course_id"] or "all",
        "waiting": webhook["waiting"],
        "given up": webhook["dead"],
    }


def _dead_row(message: dict[str, Any]) -> dict[str, str]:
    return {
        "id": message["message_id"],
        "webhook": message["webhook"],
        "happened": message["happened"],
        "given up": show_time(message["given_up_at"]),
        "why": message["trouble"],
    }


def _remove(server: Server, webhook: UUID) -> None:
    ask_json(server, "DELETE", f"/v1/webhooks/{webhook}")
    print_lines(["The webhook has been removed."])


def _show_dead(server: Server, limit: int, *, as_json: bool) -> None:
    found = ask_json(server, "GET", f"/v1/webhooks/dead-letters?limit={limit}")
    if as_json:
        print_json(found)
        return
    print_rows("Messages that were given up, newest first", _MESSAGES, [_dead_row(each) for each in found])


def _replay(server: Server, messages: list[str] | None, *, as_json: bool) -> None:
    answer = ask_json(server, "POST", "/v1/webhooks/dead-letters/replay", {"messages": messages})
    if as_json:
        print_json(answer)
    else:
        print_lines([f"{answer['replayed']} sent again."])
