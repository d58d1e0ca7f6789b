"""Entries as lines of a file, for auditors who take them elsewhere."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec

from coursepulse.audit.chain import Link
from coursepulse.audit.entry import AuditEntry
from coursepulse.kit.clock import from_micros

#: What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_row(link: Link) -> bytes:
    """One line of CSV (RFC 4180)."""
    return _line(_cell(value) for value in _values(link).values())


def to_line(link: Link) -> bytes:
    """One JSON object and a line break."""
    return msgspec.json.encode(_values(link)) + b"\n"


def _values(link: Link) -> dict[str, Any]:
    fields = msgspec.structs.asdict(link.entry)
    moment = from_micros(link.entry.at).isoformat(timespec="microseconds")
    return {"number": link.number} | fields | {"at": moment, "hash": link.hash.hex()}


def _line(values: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue().encode()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


#: The first line of a CSV.
HEADING = _line(["number", *AuditEntry.__struct_fields__, "hash"])
