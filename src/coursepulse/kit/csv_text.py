"""Rows as CSV (RFC 4180), for every file that people open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

#: What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(rows: Iterable[Iterable[object]]) -> str:
    """The same values as in JSON: nothing for null, lists as JSON, and no text that is a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, (bool, list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
