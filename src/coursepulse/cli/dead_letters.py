"""``coursepulse dead-letters``: refused events, over the API of a running server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from coursepulse.cli.tables import print_lines, print_rows, unitless
from coursepulse.client import Transport
from coursepulse.events.reasons import RejectionReason
from coursepulse.kit.errors import RequestError, SettingError

_COLUMNS = unitless("number", "received", "from", "event", "reason", "at", "what to do")

#: Dead letters of one listing.
_MOST = 1000

_JSON = {"Content-Type": "application/json"}


def show(url: str, key: str, reason: str | None, limit: int, *, as_json: bool = False) -> None:
    """Print the dead letters that wait, newest first."""
    if not 1 <= limit <= _MOST:
        raise SettingError(f"--limit must lie between 1 and {_MOST:,}.")
    _check_reason(reason)
    wish = f"?limit={limit}" + (f"&reason={reason}" if reason else "")
    answer = _ask(url, key, "GET", f"/v1/dead-letters{wish}")
    if as_json:
        sys.stdout.buffer.write(answer + b"\n")
        return
    found = msgspec.json.decode(answer)
    if found["letters"]:
        print_rows(
            "Dead letters, newest first", _COLUMNS, [_row(dead_letter) for dead_letter in found["letters"]]
        )
    print_lines([_summary(found)])


def fix(url: str, key: str, number: int, file: Path) -> None:
    """Put the event in ``file`` (``-`` is standard input) in the place of a refused one."""
    body = sys.stdin.buffer.read() if str(file) == "-" else _read(file)
    _ask(url, key, "PUT", f"/v1/dead-letters/{number}", body)
    print_lines([f"Dead letter {number} is mended. Replay it with: coursepulse dead-letters replay {number}"])


def replay(
    url: str, key: str, numbers: list[int] | None, reason: str | None, *, as_json: bool = False
) -> None:
    """Send dead letters through the collector again and print what came of it."""
    if numbers and reason:
        raise SettingError("Give the numbers of dead letters or --reason, not both.")
    _check_reason(reason)
    wish = {"ids": numbers or None, "reason": reason}
    answer = _ask(url, key, "POST", "/v1/dead-letters/replay", msgspec.json.encode(wish))
    replayed = msgspec.json.decode(answer)
    if as_json:
        sys.stdout.buffer.write(answer + b"\n")
    else:
        _print_replayed(replayed)
    _require_all(numbers or [], replayed)


def _print_replayed(replayed: dict[str, Any]) -> None:
    refused = replayed["rejected"]
    print_lines([f"{replayed['accepted']} accepted, {len(refused)} refused again."])
    print_lines(f"  {each['id']}: {each['reason']} at {each['path']}: {each['sentence']}" for each in refused)


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


def _require_all(numbers: list[int], replayed: dict[str, Any]) -> None:
    """:raises RequestError: when one of these dead letters was not there to be sent"""
    if len(set(numbers)) > replayed["accepted"] + len(replayed["rejected"]):
        which = (
            "No dead letter"
            if not replayed["accepted"] and not replayed["rejected"]
            else "Not every dead letter"
        )
        told = ", ".join(map(str, numbers))
        raise RequestError("unknown_letter", f"{which} of {told} waits; list them to see which do.", 404)


def _check_reason(reason: str | None) -> None:
    if reason is not None and reason not in set(RejectionReason):
        raise SettingError(f"--reason `{reason}` is unknown; choose one of {', '.join(RejectionReason)}.")


def _row(dead_letter: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": dead_letter["id"],
        "received": dead_letter["received_at"][:19].replace("T", " "),
        "from": dead_letter["source"],
        "event": dead_letter["event_id"] or "?",
        "reason": dead_letter["reason"],
        "at": dead_letter["path"],
        "what to do": dead_letter["sentence"],
    }


def _summary(found: dict[str, Any]) -> str:
    waiting = found["waiting"]
    if not waiting:
        return "No dead letters wait."
    parts = ", ".join(f"{count} {reason}" for reason, count in sorted(waiting.items()))
    lost = f" {found['overflowed']} older ones had to make room." if found["overflowed"] else ""
    return f"{sum(waiting.values())} wait: {parts}.{lost}"
