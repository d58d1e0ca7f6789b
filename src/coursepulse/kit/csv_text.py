"""Rows as CSV (RFC 4180), for every file that people open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable

#: What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@")

#: Characters that take no room of their own: controls, and marks such as zero-width spaces.
_UNSEEN = ("Cc", "Cf")


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
    if isinstance(value, str) and _is_formula(value):
        return f"'{value}"
    return value


def _is_formula(text: str) -> bool:
    """Also behind blanks, and in full width: programs differ in what they pass over."""
    if text.startswith(("\t", "\r")):
        return True
    seen = (one for one in text if not one.isspace() and unicodedata.category(one) not in _UNSEEN)
    return unicodedata.normalize("NFKC", next(seen, "")).startswith(_FORMULA)
