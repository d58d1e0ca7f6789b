"""``coursepulse webhooks``: where alerts are sent, over the API of a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from coursepulse.cli.asking import ask_json, print_json, show_time
from coursepulse.cli.installation import with_server
from coursepulse.client.local_server import Server

group = typer.Typer(help="Alerts to other programs: add, list and remove webhooks.", no_args_is_help=True)

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
    webhook: Annotated[str, typer.Argument(help="Its id, as the list shows it.")], data: Data = None
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
    console = Console()
    console.print(f"{made['name']}: {made['webhook_id']}", highlight=False, soft_wrap=True)
    console.print(f"Secret, shown this once: {made['secret']}", highlight=False, soft_wrap=True)


def _show(server: Server, *, as_json: bool) -> None:
    found = ask_json(server, "GET", "/v1/webhooks")
    if as_json:
        print_json(found)
        return
    heads = ("Id", "Name", "Kind", "Receiver", "Course", "Waiting", "Given up")
    table = Table(*heads, box=None, header_style="bold")
    for each in found:
        counts = str(each["waiting"]), str(each["dead"])
        course = each["course_id"] or "all"
        table.add_row(each["webhook_id"], each["name"], each["kind"], each["host"], course, *counts)
    Console().print(table)


def _remove(server: Server, webhook: str) -> None:
    ask_json(server, "DELETE", f"/v1/webhooks/{webhook}")
    Console().print("The webhook has been removed.")


def _show_dead(server: Server, limit: int, *, as_json: bool) -> None:
    found = ask_json(server, "GET", f"/v1/webhooks/dead-letters?limit={limit}")
    if as_json:
        print_json(found)
        return
    table = Table("Id", "Webhook", "Happened", "Given up", "Why", box=None, header_style="bold")
    for each in found:
        when = show_time(each["given_up_at"])
        table.add_row(each["message_id"], each["webhook"], each["happened"], when, each["trouble"])
    Console().print(table)


def _replay(server: Server, messages: list[str] | None, *, as_json: bool) -> None:
    answer = ask_json(server, "POST", "/v1/webhooks/dead-letters/replay", {"messages": messages})
    if as_json:
        print_json(answer)
    else:
        Console().print(f"{answer['replayed']} sent again.", highlight=False)
