"""``coursepulse import consents``: decisions that another system recorded, from a CSV file."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from coursepulse.client import Transport
from coursepulse.importers.reading import open_table
from coursepulse.kit.errors import CoursepulseError

_JSON = {"Content-Type": "application/json"}
_NEEDED = {"external_id", "purpose", "granted", "at"}
_KNOWN = _NEEDED | {"text_version", "source"}
_GRANTED = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

#: Where fields go that the first line does not name.
_MORE = ""

#: Rows of one request.
_AT_ONCE = 10_000


def run_consents(file: Path, url: str, key: str) -> None:
    """Send a file with the columns external_id, purpose, granted, at and, if you like, text_version and source."""
    transport = Transport(url, key, patience=30.0)
    try:
        # All of it before the first row is sent: half of the decisions would look like all of them.
        for _ in _read(file):
            pass
        accepted = _send(transport, _read(file))
    finally:
        transport.close()
    sys.stdout.write(f"{accepted:,} consents recorded\n")


def _send(transport: Transport, rows: Iterator[tuple[int, dict[str, object]]]) -> int:
    accepted = 0
    while some := list(islice(rows, _AT_ONCE)):
        body = msgspec.json.encode([row for _, row in some])
        answer = msgspec.json.decode(transport.ask("PUT", "/v1/consents", body, _JSON))
        accepted += answer["accepted"]
        for refused in answer["rejected"]:
            line = some[refused["index"]][0]
            sys.stderr.write(f"line {line}: {refused['path']} {refused['sentence']}\n")
    return accepted


def _read(file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Each row with its line, as the API takes it."""
    with open_table(file) as lines:
        reader = csv.DictReader(lines, restkey=_MORE)
        columns = set(reader.fieldnames or ())
        if not columns >= _NEEDED or not columns <= _KNOWN:
            raise CoursepulseError(
                "The first line must name external_id, purpose, granted and at; "
                "text_version and source are optional."
            )
        for row in reader:
            yield reader.line_num, _read_row(reader.line_num, row)


def _read_row(line: int, row: dict[str, str]) -> dict[str, object]:
    if _MORE in row:
        raise CoursepulseError(f"Line {line} has more fields than the first one; nothing was sent.")
    granted = _GRANTED.get((row["granted"] or "").strip().lower())
    if granted is None:
        raise CoursepulseError(f"Line {line}: `granted` must be yes or no; nothing was sent.")
    return {key: value for key, value in row.items() if value} | {"granted": granted}
