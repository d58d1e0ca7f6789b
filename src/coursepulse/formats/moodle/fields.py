"""Fields of Moodle's tables: numbers of rows, Unix seconds, and the column ``other`` in its two encodings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from coursepulse.formats.outcome import Refused, invalid, missing
from coursepulse.formats.values import Json, mapping

#: One row of a table by its columns. A missing value is empty text.
Row = Mapping[str, str]

#: Ids that are not people: programs are 0 or -1, and all visitors without an account are the guest, user 1.
_NOBODY = frozenset({"", "0", "-1", "1"})
#: Not a course: course 1 is the site as a whole.
_NOWHERE = frozenset({"", "0", "1"})

_LAST_SECOND = 253_402_300_799

_decode = msgspec.json.Decoder().decode


def person_of(value: str) -> str:
    """The id of a user, or empty for programs and guests."""
    return "" if value in _NOBODY else value


def course_of(value: str) -> str:
    """The id of a course, or empty for the site as a whole."""
    return "" if value in _NOWHERE else value


def thing_of(value: str) -> str:
    """The id of a row, or empty."""
    return "" if value == "0" else value


@lru_cache(maxsize=4096)
def moment_of(value: str) -> datetime | None:
    """Unix seconds as a moment. In Moodle 0 means never.

    :raises ValueError: when it is not a number, or lies outside the calendar
    """
    if not value:
        return None
    seconds = float(value)
    if not 0 <= seconds <= _LAST_SECOND:
        raise ValueError(f"`{value[:32]}` is not a time in Unix seconds")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def when(row: Row, *columns: str) -> datetime | Refused:
    """The time in the first of these columns that has one."""
    for column in columns:
        try:
            found = moment_of(row.get(column, ""))
        except ValueError:
            return invalid(f"$.{column}", f"`{row[column][:32]}` is not a time in Unix seconds.")
        if found:
            return found
    return missing(f"$.{columns[0]}")


def later(value: str) -> datetime | None:
    """A time that may be missing or broken without making the row invalid."""
    try:
        return moment_of(value)
    except ValueError:
        return None


def is_yes(value: str) -> bool:
    """A flag, or the moment at which it was set."""
    return value not in ("", "0")


def other_of(value: str) -> Json:
    """The column ``other``: JSON in newer versions, PHP's own serialisation in older ones; empty when it is neither."""
    if value[:1] in ("{", "["):
        return _json(value) or _json(value.replace("\\\\", "\\").replace('\\"', '"'))
    if value[:2] == "a:":
        try:
            return mapping(_Serialised(value.encode()).value())
        except (ValueError, IndexError, RecursionError):
            return {}
    return {}


def _json(value: str) -> Json:
    try:
        return mapping(_decode(value))
    except (msgspec.DecodeError, RecursionError):
        return {}


_SCALAR = re.compile(rb"([idb]):([^;]*);")
_COUNT = re.compile(rb"([sa]):(\d{1,6}):")


class _Serialised:
    """A value as PHP's ``serialize`` writes it. Lengths are in bytes; objects are not read."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def value(self) -> Any:
        """:raises ValueError: when it is broken"""
        if self._data.startswith(b"N;", self._at):
            self._at += 2
            return None
        scalar = _SCALAR.match(self._data, self._at)
        if scalar:
            self._at = scalar.end()
            return float(scalar[2]) if scalar[1] == b"d" else int(scalar[2])
        counted = _COUNT.match(self._data, self._at)
        if not counted:
            raise ValueError("not a serialised value")
        self._at = counted.end()
        return self._text(int(counted[2])) if counted[1] == b"s" else self._array(int(counted[2]))

    def _text(self, size: int) -> str:
        start = self._at + 1
        self._at = start + size + 2
        return self._data[start : start + size].decode()

    def _array(self, size: int) -> dict[str, Any]:
        self._at += 1
        found = {str(self.value()): self.value() for _ in range(size)}
        self._at += 1
        return found
