"""OneRoster 1.1 and 1.2 as CSV: the files, the required columns, and the meaning of their values.

1EdTech, *OneRoster 1.1: CSV Tables* and *OneRoster 1.2: CSV Binding*. Columns are looked up by name; others may come
between. In both versions the end of a period is exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

#: One row by column.
Row = Mapping[str, str]

VERSIONS = ("1.1", "1.2")

#: Files that are read, with their required columns.
COLUMNS: dict[str, tuple[str, ...]] = {
    "orgs": ("sourcedId", "name"),
    "academicSessions": ("sourcedId", "startDate", "endDate"),
    "courses": ("sourcedId", "title"),
    "roles": ("userSourcedId", "roleType", "role", "orgSourcedId"),
    "users": ("sourcedId", "username", "givenName", "familyName", "email"),
    "classes": ("sourcedId", "title", "courseSourcedId", "termSourcedIds"),
    "enrollments": ("sourcedId", "classSourcedId", "userSourcedId", "role"),
}

#: Columns that only one of the versions has.
_MORE: dict[tuple[str, str], tuple[str, ...]] = {
    ("1.1", "users"): ("role", "orgSourcedIds"),
    ("1.2", "users"): ("primaryOrgSourcedId",),
}


class FileMode(StrEnum):
    """The mode of a file in the package: everything, changes only, or absent."""

    BULK = "bulk"
    DELTA = "delta"
    ABSENT = "absent"


class Manifest(NamedTuple):
    """The version, and the mode of each file above."""

    version: str
    modes: Mapping[str, FileMode]


class UserKind(StrEnum):
    """The kind of a user."""

    STUDENT = "student"
    TEACHER = "teacher"
    STAFF = "staff"
    #: Parents and others who neither learn nor teach.
    OTHER = "other"


_KINDS: dict[str, UserKind] = {
    "student": UserKind.STUDENT,
    "teacher": UserKind.TEACHER,
    **dict.fromkeys(("administrator", "aide", "proctor", "principal", "counselor"), UserKind.STAFF),
    **dict.fromkeys(("districtAdministrator", "siteAdministrator", "systemAdministrator"), UserKind.STAFF),
    **dict.fromkeys(("guardian", "parent", "relative"), UserKind.OTHER),
}


#: Columns with a fixed vocabulary; ``inactive`` was a status until version 1.0.
_WORDS = {"status": ("active", "inactive", "tobedeleted"), "roleType": ("primary", "secondary")}


class DateRange(NamedTuple):
    """From the first day to the last, both included; None is open."""

    starts_on: date | None = None
    ends_on: date | None = None


def columns_of(version: str, table: str) -> tuple[str, ...]:
    """The columns that a file of this version must have."""
    return COLUMNS[table] + _MORE.get((version, table), ())


def read_manifest(properties: Mapping[str, str]) -> Manifest:
    """Parses the manifest from its names and values.

    :raises ValueError: for an unknown version or mode
    """
    version = properties.get("oneroster.version", "")
    if version not in VERSIONS:
        raise ValueError(
            f"oneroster.version is `{version[:16]}`; versions {' and '.join(VERSIONS)} can be read"
        )
    return Manifest(
        version,
        {
            table: FileMode(properties.get(f"file.{table}", "").lower() or FileMode.ABSENT)
            for table in COLUMNS
        },
    )


def kind_of(role: str) -> UserKind:
    """The kind of user with a role; institutions may add roles that begin with ``ext:``.

    :raises ValueError: for an unknown role
    """
    if role.startswith("ext:"):
        return UserKind.OTHER
    if role not in _KINDS:
        raise ValueError(f"`{role[:32]}` is not a role of OneRoster")
    return _KINDS[role]


def wrong_word(row: Row) -> tuple[str, str] | None:
    """The first column with a word that is not in the standard, and the word. Case matters."""
    for column, words in _WORDS.items():
        word = row.get(column, "")
        if word and word not in words:
            return column, word[:32]
    return None


def is_removed(row: Row) -> bool:
    """Whether the other system deleted the row. In bulk files the status is empty."""
    return row.get("status", "") == "tobedeleted"


def period_of(row: Row, first: str, after: str) -> DateRange:
    """The period between two columns, the second of which names the day after the last.

    :raises ValueError: for a value that is not a date, or the first day of the calendar as an end
    """
    end = _read_day(row.get(after, ""))
    if end == date.min:
        raise ValueError(f"`{end}` is the first day of the calendar: nothing can have ended before it")
    return DateRange(_read_day(row.get(first, "")), end - timedelta(days=1) if end else None)


def list_of(text: str) -> list[str]:
    """The ids in a comma-separated field."""
    return [part for each in text.split(",") if (part := each.strip())]


def _read_day(text: str) -> date | None:
    # Some systems write a date and time where a date belongs.
    return date.fromisoformat(text.strip()[:10]) if text.strip() else None
