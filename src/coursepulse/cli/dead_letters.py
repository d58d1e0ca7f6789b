"""``coursepulse dead-letters``: refused events, over the API of a running server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from coursepulse.client import Transport
from coursepulse.kit.errors import RequestError

_JSON = {"Content-Type": "application/json"}


def show(url: str, key: str, reason: str | None, limit: int, *, as_json: bool = False) -> None:
    """Print the letters that wait, newest first."""
    wish = f"?limit={limit}" + (f"&reason={reason}" if reason else "")
    answer = _ask(url, key, "GET", f"/v1/dead-letters{wish}")
    if as_json:
        sys.stdout.buffer.write(answer + b"\n")
        return
    found = msgspec.json.decode(answer)
    console = Console()
    console.print(_table(found["letters"]))
    console.print(_summary(found))


def fix(url: str, key: str, number: int, file: Path) -> None:
    """Put the event in ``file`` (``-`` is standard input) in the place of a refused one."""
    body = sys.stdin.buffer.read() if str(file) == "-" else _read(file)
    _ask(url, key, "PUT", f"/v1/dead-letters/{number}", body)
    Console().print(f"Letter {number} is mended. Replay it with: coursepulse dead-letters replay {number}")


def replay(
    url: str, key: str, numbers: list[int] | None, reason: str | None, *, as_json: bool = False
) -> None:
    """Send letters through the door again and print what came of it."""
    wish = {"ids": numbers or None, "reason": reason}
    answer = _ask(url, key, "POST", "/v1/dead-letters/replay", msgspec.json.encode(wish))
    if as_json:
        sys.stdout.buffer.write(answer + b"\n")
        return
    replayed = msgspec.json.decode(answer)
    console = Console()
    console.print(f"{replayed['accepted']} accepted, {len(replayed['rejected'])} refused again.")
    for refusal in replayed["rejected"]:
        console.print(f"  {refusal['id']}: {refusal['reason']} at {refusal['path']}: {refusal['sentence']}")


def _ask(url: str, key: str, method: str, path: str, body: bytes = b"") -> bytes:
    transport = Transport(url, key, patience=10.0)
    try:
        return transport.ask(method, path, body, _JSON)
    finally:
        transport.close()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise RequestError("unreadable_file", f"{file} cannot be read: {error.strerror}.") from None


def _table(letters: list[dict[str, Any]]) -> Table:
    table = Table(
        "Number", "Received", "From", "Event", "Reason", "At", "What to do", box=None, header_style="bold"
    )
    for letter in letters:
        received = letter["received_at"][:19].replace("T", " ")
        table.add_row(
            str(letter["id"]),
            received,
            letter["source"],
            letter["event_id"] or "?",
            letter["reason"],
            letter["path"],
            letter["sentence"],
        )
    return table


def _summary(found: dict[str, Any]) -> str:
    waiting = found["waiting"]
    if not waiting:
        return "No dead letters wait."
    parts = ", ".join(f"{count} {reason}" for reason, count in sorted(waiting.items()))
    lost = f" {found['overflowed']} older ones had to make room." if found["overflowed"] else ""
    return f"{sum(waiting.values())} wait: {parts}.{lost}"
