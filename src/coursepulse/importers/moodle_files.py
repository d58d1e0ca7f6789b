"""Moodle tables as files: CSV from many programs, or JSON, under many names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from coursepulse.formats.moodle.fields import Row
from coursepulse.importers.reading import open_counted, read_texts
from coursepulse.kit.errors import RequestError

LOG, GRADES = "logstore_standard_log", "grade_grades"

#: The required columns of each table.
COLUMNS: dict[str, tuple[str, ...]] = {
    LOG: ("eventname", "userid", "timecreated"),
    GRADES: ("userid", "finalgrade"),
    "grade_items": ("id", "itemtype", "grademax"),
    "quiz_attempts": ("id", "quiz", "userid", "timestart"),
    "quiz": ("id", "course", "sumgrades"),
    "assign_submission": ("id", "assignment", "userid", "status"),
    "assign": ("id", "course", "duedate"),
    "course_modules_completion": ("coursemoduleid", "userid", "completionstate"),
    "course_completions": ("userid", "course", "timecompleted"),
    "user_enrolments": ("userid", "enrolid"),
    "enrol": ("id", "courseid"),
    "course_modules": ("id", "course", "module", "instance"),
    "course_sections": ("course", "section", "sequence"),
    "modules": ("id", "name"),
    "course": ("id", "fullname"),
    "user": ("id", "firstname", "lastname"),
    "role_assignments": ("userid", "roleid"),
    "role": ("id", "shortname"),
}

#: Columns that identify a table whatever the file's name; the first match counts.
_MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    (LOG, frozenset({"eventname", "timecreated", "userid"})),
    (GRADES, frozenset({"finalgrade", "userid"})),
    ("grade_items", frozenset({"itemtype", "grademax"})),
    ("quiz_attempts", frozenset({"quiz", "attempt", "timefinish"})),
    ("course_modules_completion", frozenset({"coursemoduleid", "completionstate"})),
    ("course_completions", frozenset({"course", "timecompleted", "userid"})),
    ("user_enrolments", frozenset({"enrolid", "userid"})),
    ("enrol", frozenset({"enrol", "courseid"})),
    ("course_modules", frozenset({"module", "instance", "course"})),
    ("course_sections", frozenset({"section", "sequence"})),
    ("quiz", frozenset({"sumgrades", "timeclose", "course"})),
    ("assign_submission", frozenset({"assignment", "attemptnumber", "status", "userid"})),
    ("assign", frozenset({"duedate", "allowsubmissionsfromdate"})),
    ("course", frozenset({"fullname", "shortname"})),
    ("user", frozenset({"username", "firstname", "lastname"})),
    ("role_assignments", frozenset({"roleid", "contextid", "userid"})),
    ("role", frozenset({"shortname", "archetype"})),
)

_ENDINGS = re.compile(r"\.(csv|tsv|txt|json|jsonl|ndjson|gz)$", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:[a-z0-9]{1,12}_)?")
#: Texts for a missing value.
_NULLS = frozenset({"NULL", "null", "Null", "\\N"})
#: A quote within a field, or the first of an event's backslashes, escaped by a backslash.
_ESCAPED = re.compile(r'[{,:;]\\"|"\\\\(?:core|mod_)\b')
#: A missing value between separators, as written by MySQL.
_BARE_NULL = re.compile(r"(?:(?<=[,;\t|])|^)\\N(?=[,;\t|\r\n]|$)")
_SEPARATORS = ",;\t|"
#: The lines from which the style of quotes within fields is detected.
_SAMPLE = 200


class MoodleRow(NamedTuple):
    """One row of a file.

    :param row: None when it is too short or not a row
    :param done: how far into the file, as stored, this is, in bytes
    :param fault: what is wrong, if ``row`` is None
    """

    place: str
    row: Row | None
    done: int
    fault: str = "The row is broken or too short."


def list_files(paths: Sequence[Path]) -> tuple[list[Path], bool]:
    """The given files and the files of the given folders, each with whether it was named explicitly.

    :raises RequestError: ``no_such_file``
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(each for each in path.iterdir() if _ENDINGS.search(each.name) and each.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise RequestError("no_such_file", f"There is no {path}.")
    return found, not any(path.is_dir() for path in paths)


def stem_of(path: Path) -> str:
    """A file's name in lower case without suffixes."""
    name = path.name.lower()
    while ending := _ENDINGS.search(name):
        name = name[: ending.start()]
    return name


def table_of(path: Path, columns: frozenset[str]) -> str:
    """The table of a file, by its name or otherwise by its columns; empty for an unknown one.

    :raises RequestError: ``wrong_table``, if columns of the table in its name are missing
    """
    stem = stem_of(path)
    for table in sorted(COLUMNS, key=len, reverse=True):
        if stem == table or _PREFIX.sub("", stem, count=1) == table:
            _check(path, table, columns)
            return table
    table = next((table for table, marks in _MARKS if marks <= columns), "")
    if table:
        _check(path, table, columns)
    return table


def _check(path: Path, table: str, columns: frozenset[str]) -> None:
    absent = [column for column in COLUMNS[table] if column not in columns]
    if absent:
        raise RequestError("wrong_table", f"{path.name} has no column {', '.join(absent)}.")


def columns_of(path: Path) -> frozenset[str]:
    """The columns of a file; for JSON, those of its first row."""
    if _is_json(path):
        first = next(read_lines(path), None)
        return frozenset(first.row or ()) if first else frozenset()
    with open_counted(path) as (_, content):
        return frozenset(_header(content.readline()))


def read_lines(path: Path) -> Iterator[MoodleRow]:
    """The rows of a file, with missing values as empty text.

    :raises RequestError: when it cannot be read
    """
    yield from (_read_json(path) if _is_json(path) else _read_csv(path))


def _is_json(path: Path) -> bool:
    return bool(re.search(r"\.(json|jsonl|ndjson)(\.gz)?$", path.name, re.IGNORECASE))


def _read_json(path: Path) -> Iterator[MoodleRow]:
    for found in read_texts(path):
        try:
            decoded = msgspec.json.decode(found.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield MoodleRow(f"{found.place} of {path.name}", None, found.done)
            continue
        # phpMyAdmin exports a whole table as one value, among information about the export.
        listed = decoded.get("data") if isinstance(decoded, dict) else None
        if isinstance(listed, list):
            for each in listed:
                yield MoodleRow(f"{found.place} of {path.name}", _row(each), found.done)
        elif not (isinstance(decoded, dict) and decoded.get("type") in ("header", "database")):
            yield MoodleRow(f"{found.place} of {path.name}", _row(decoded), found.done)


def _row(decoded: Any) -> Row | None:
    if not isinstance(decoded, dict):
        return None
    return {str(column).lower(): _text(value) for column, value in decoded.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return msgspec.json.encode(value).decode()


def _clean(value: str) -> str:
    return "" if value in _NULLS else value


def _read_csv(path: Path) -> Iterator[MoodleRow]:
    with open_counted(path) as (stored, content):
        first = list(islice(content, _SAMPLE))
        if not first:
            return
        header = _header(first[0])
        rows = _reader(first, chain(first[1:], content))
        for values in rows:
            row = None
            if len(values) >= len(header):
                cleaned = values if _NULLS.isdisjoint(values) else map(_clean, values)
                row = dict(zip(header, cleaned, strict=False))
            if values:
                yield MoodleRow(f"line {rows.line_num + 1} of {path.name}", row, stored.tell())


def _reader(first: Sequence[str], lines: Iterator[str]) -> Any:
    """Detects the style of quotes within fields: some programs double them, others escape them."""
    separator = _separator(first[0])
    sample = "".join(first)
    if '{""' in sample or not _ESCAPED.search(sample):
        return csv.reader(lines, delimiter=separator)
    bare = (_BARE_NULL.sub("", line) for line in lines)
    return csv.reader(bare, delimiter=separator, escapechar="\\", doublequote=False)


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)


def _header(line: str) -> list[str]:
    names = next(csv.reader([line], delimiter=_separator(line)), [])
    return [name.strip().strip('`"').rpartition(".")[2].lower() for name in names]
