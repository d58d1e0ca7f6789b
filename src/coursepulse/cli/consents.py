"""``coursepulse import consents``: decisions that another system recorded, from a CSV file."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from coursepulse.client import Transport
from coursepulse.kit.errors import CoursepulseError

_JSON = {"Content-Type": "application/json"}
_NEEDED = {"external_id", "purpose", "granted", "at"}
_KNOWN = _NEEDED | {"text_version", "source"}
_GRANTED = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

#: Rows of one request.
_AT_ONCE = 10_000


def run_consents(file: Path, url: str, key: str) -> None:
    """Send a file with the columns external_id, purpose, granted, at and, if you like, text_version and source."""
    transport = Transport(url, key, patience=30.0)
    accepted = 0
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            rows = _read(lines)
            while some := list(islice(rows, _AT_ONCE)):
                first = some[0][0]
                body = msgspec.json.encode([row for _, row in some])
                answer = msgspec.json.decode(transport.ask("PUT", "/v1/consents", body, _JSON))
                accepted += answer["accepted"]
                for refused in answer["rejected"]:
                    sys.stderr.write(
                        f"line {first + refused['index']}: {refused['path']} {refused['sentence']}\n"
                    )
    except OSError as error:
        raise CoursepulseError(f"{file} cannot be read: {error.strerror}.") from None
    finally:
        transport.close()
    sys.stdout.write(f"{accepted:,} consents recorded\n")


def _read(lines: Any) -> Iterator[tuple[int, dict[str, object]]]:
    """Each row with its line, as the API takes it."""
    reader = csv.DictReader(lines)
    columns = set(reader.fieldnames or ())
    if not columns >= _NEEDED or not columns <= _KNOWN:
        raise CoursepulseError(
            "The first line must name external_id, purpose, granted and at; text_version and source may be there too."
        )
    for number, row in enumerate(reader, 2):
        granted = _GRANTED.get((row["granted"] or "").strip().lower())
        if granted is None:
            raise CoursepulseError(
                f"Line {number}: `granted` must be yes or no; nothing from there on was sent."
            )
        yield number, {key: value for key, value in row.items() if value} | {"granted": granted}
