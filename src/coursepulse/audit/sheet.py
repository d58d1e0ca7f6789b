"""Entries as lines of a file, for auditors who download them."""

from __future__ import annotations

from typing import Any

import msgspec

from coursepulse.audit.chain import Link
from coursepulse.audit.entry import AuditEntry
from coursepulse.kit.clock import from_micros
from coursepulse.kit.csv_text import write_csv


def to_row(link: Link) -> bytes:
    """One line of CSV (RFC 4180)."""
    return write_csv([_values(link).values()]).encode()


def to_line(link: Link) -> bytes:
    """One JSON object and a line break."""
    return msgspec.json.encode(_values(link)) + b"\n"


def _values(link: Link) -> dict[str, Any]:
    fields = msgspec.structs.asdict(link.entry)
    moment = from_micros(link.entry.at).isoformat(timespec="microseconds")
    return {"number": link.number} | fields | {"at": moment, "hash": link.hash.hex()}


#: The first line of a CSV.
HEADING = write_csv([["number", *AuditEntry.__struct_fields__, "hash"]]).encode()
