"""``coursepulse privacy``: requests of students about their data, over the API of a running server."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from coursepulse.cli.tables import print_rows, unitless
from coursepulse.client import Transport
from coursepulse.kit.errors import CoursepulseError

_JSON = {"Content-Type": "application/json"}

#: Seconds between two looks at a request that is being worked on.
_PACE = 0.3

_COLUMNS = unitless("asked", "request", "kind", "state", "by", "trouble")


def erase(url: str, key: str, student: str, *, delete: bool, keep_records: bool, as_json: bool) -> None:
    """Have a student forgotten; returns with the receipt."""
    wish = {"student": student, "mode": "delete" if delete else "anonymise", "keep_records": keep_records}
    asked = _ask(url, key, "POST", "/v1/privacy/erasures", wish)
    _print(_finish(url, key, asked, student), as_json=as_json)


def export(url: str, key: str, student: str, file: Path, *, as_json: bool) -> None:
    """Write everything held about a student into ``file``."""
    done = _finish(url, key, _ask(url, key, "POST", "/v1/privacy/exports", {"student": student}), student)
    archive = _fetch(url, key, "GET", f"/v1/privacy/exports/{done['request_id']}/archive")
    try:
        file.write_bytes(archive)
    except OSError as error:
        raise CoursepulseError(f"{file} cannot be written: {error.strerror}.") from None
    _print(done, as_json=as_json)


def requests(url: str, key: str, limit: int, *, as_json: bool) -> None:
    """Print requests, newest first."""
    found = _ask(url, key, "GET", f"/v1/privacy/requests?limit={limit}")
    if as_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    print_rows("Requests, newest first", _COLUMNS, [_row(each) for each in found])


def _row(request: dict[str, Any]) -> dict[str, str]:
    return {
        "asked": request["asked_at"][:19].replace("T", " "),
        "request": request["request_id"],
        "kind": f"{request['kind']} {request['mode']}".strip(),
        "state": request["state"],
        "by": request["asked_by"],
        "trouble": request["trouble"],
    }


def _finish(url: str, key: str, request: dict[str, Any], student: str) -> dict[str, Any]:
    sys.stderr.write(f"{request['kind']} of {student}, pseudonym {request['student']}\n")
    trouble = ""
    while request["state"] != "done":
        if request["trouble"] != trouble:
            trouble = request["trouble"]
            sys.stderr.write(f"Still waiting: {trouble}\n")
        time.sleep(_PACE)
        request = _ask(url, key, "GET", f"/v1/privacy/requests/{request['request_id']}")
    return request


def _print(done: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
        return
    rows = [f"{done['kind']} {done['mode']} done at {done['done_at']}, request {done['request_id']}"]
    rows += [f"  {line['rows']:>9,}  {line['store']}: {line['note']}" for line in done["receipt"]]
    sys.stdout.write("\n".join(rows) + "\n")


def _ask(url: str, key: str, method: str, path: str, wish: dict[str, Any] | None = None) -> Any:
    return msgspec.json.decode(_fetch(url, key, method, path, msgspec.json.encode(wish) if wish else b""))


def _fetch(url: str, key: str, method: str, path: str, body: bytes = b"") -> bytes:
    transport = Transport(url, key, patience=10.0)
    try:
        return transport.ask(method, path, body, _JSON)
    finally:
        transport.close()
