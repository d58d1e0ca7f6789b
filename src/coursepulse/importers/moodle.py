"""Moodle's log and other tables as one stream of events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from coursepulse.campus.courses import Course
from coursepulse.campus.people import Person
from coursepulse.formats.moodle import Site, from_log, from_table, note
from coursepulse.formats.moodle.fields import Row
from coursepulse.formats.outcome import Refused, invalid
from coursepulse.importers.catalog import CatalogBuilder
from coursepulse.importers.fingerprint import fingerprint
from coursepulse.importers.moodle_catalog import MoodleCatalog, People
from coursepulse.importers.moodle_files import (
    GRADES,
    LOG,
    MoodleRow,
    columns_of,
    list_files,
    read_lines,
    stem_of,
    table_of,
)
from coursepulse.importers.moodle_report import MoodleReport, language_of, refuse_foreign
from coursepulse.importers.source import Record
from coursepulse.kit.errors import RequestError
from coursepulse.store.import_notes import ImportNotes

#: Tables about learners' activity, in sending order. The log comes first, because it has the sessions.
_EVENTS = (
    LOG,
    "user_enrolments",
    "quiz_attempts",
    "assign_submission",
    "course_modules_completion",
    GRADES,
    "course_completions",
)
#: Tables that others refer to: read first, and kept in memory because they are small.
_KEPT = (
    "course",
    "course_modules",
    "course_sections",
    "modules",
    "quiz",
    "assign",
    "user",
    "role",
    "role_assignments",
)
#: Read once before anything is sent.
_NOTED = (
    "grade_items",
    "quiz",
    "assign",
    "enrol",
    "user_enrolments",
    "course_modules",
    LOG,
    "quiz_attempts",
    "assign_submission",
)

#: The tables that a table depends on.
_NEEDS = {
    GRADES: "grade_items",
    "quiz_attempts": "quiz",
    "assign_submission": "assign",
    "user_enrolments": "enrol",
}


class _File(NamedTuple):
    """A file, its table, and its columns; a report stands for the log."""

    path: Path
    table: str
    columns: frozenset[str]
    report: MoodleReport | None = None

    def lines(self) -> Iterator[MoodleRow]:
        """Its rows, as rows of its table."""
        return self.report.lines() if self.report else read_lines(self.path)


def zone_of(name: str) -> ZoneInfo:
    """:raises RequestError: ``unknown_time_zone``"""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RequestError(
            "unknown_time_zone", f"`{name}` is not an IANA time zone such as Europe/Berlin."
        ) from None


class MoodleFiles:
    """Tables as files in a folder, or given one by one.

    :param notes: notes of earlier imports; without them this import is independent
    :param time_zone: of the site
    :param language: of reports; detected from their columns if empty
    :param course: the course id of reports that do not contain it
    :raises RequestError: when a file is missing or not from Moodle
    """

    name = "moodle"

    def __init__(
        self,
        paths: Sequence[Path],
        notes: ImportNotes | None = None,
        time_zone: str = "UTC",
        language: str = "",
        course: str = "",
    ) -> None:
        self._zone = zone_of(time_zone)
        self._language, self._course = language, course
        listed, named = list_files(paths)
        self._files: list[_File] = []
        self._others: list[Path] = []
        for path in listed:
            self._take(path, named=named)
        self._check()
        self._notes = notes
        self._seen = CatalogBuilder()

    def _take(self, path: Path, *, named: bool) -> None:
        """Recognises a file. Unknown files of a folder are ignored."""
        columns = columns_of(path)
        language = language_of(path, columns, self._language)
        if language:
            report = MoodleReport(path, language, self._zone, self._course)
            self._files.append(_File(path, LOG, columns, report))
        elif table := table_of(path, columns):
            self._files.append(_File(path, table, columns))
        elif {"id", "name"} <= columns:
            self._others.append(path)
        else:
            refuse_foreign(path)
            if named:
                raise RequestError("wrong_table", f"{path.name} is not a Moodle table that can be imported.")

    def _check(self) -> None:
        """Refuses an incomplete set of tables before anything is sent."""
        tables = {file.table for file in self._files}
        if not tables & set(_EVENTS):
            raise RequestError(
                "wrong_table",
                "None of the files is a Moodle log or a table with learners' activity.",
            )
        for file in self._files:
            need = _NEEDS.get(file.table, "")
            if need and need not in tables and not (need == "grade_items" and "grademax" in file.columns):
                raise RequestError("no_such_file", f"{file.path.name} needs the table {need}.")

    @cached_property
    def fingerprint(self) -> str:
        """Includes how the files are read: another time zone gives other events."""
        read_as = f"{self.name}-{self._zone}-{self._course}".replace("/", "-")
        return fingerprint(read_as, [file.path for file in self._files])

    @cached_property
    def _tables(self) -> dict[str, list[Row]]:
        return {table: [line.row for line in self._lines(table) if line.row] for table in _KEPT}

    @cached_property
    def _site(self) -> Site:
        site = self._notes.load_site() if self._notes else Site()
        plugins = {row["id"]: row["name"] for row in self._tables["modules"]}
        for table in _NOTED:
            for line in self._lines(table):
                if line.row:
                    note(table, line.row, site, plugins)
        site.settle()
        if self._notes:
            self._notes.save_site(site)
        return site

    @cached_property
    def _people(self) -> People:
        reports = (file.report.people for file in self._files if file.report)
        return People(
            self._tables, str(self._zone), {user: name for each in reports for user, name in each.items()}
        )

    def _lines(self, table: str) -> Iterator[MoodleRow]:
        for file in self._files:
            if file.table == table:
                yield from file.lines()

    def courses(self) -> list[Course]:
        """Courses of the table ``course``; without it those that events have named so far."""
        known = MoodleCatalog(self._tables, self._site, self._titles, self._zone).courses()
        ids = {course.course_id for course in known}
        return known + [course for course in self._seen.courses() if course.course_id not in ids]

    @cached_property
    def _titles(self) -> dict[tuple[str, str], str]:
        """Titles of activities: each plugin has its own table."""
        plugins = sorted((row["name"] for row in self._tables["modules"]), key=len, reverse=True)
        found: dict[tuple[str, str], str] = {}
        for path in self._others:
            stem = stem_of(path)
            kind = next((each for each in plugins if stem == each or stem.endswith(f"_{each}")), "")
            if kind:
                rows = (line.row for line in read_lines(path) if line.row)
                found |= {(kind, row.get("id", "")): row.get("name", "") for row in rows}
        return found

    def withdrawn(self) -> list[str]:
        return []

    def person(self, student: str) -> Person:
        return self._people.person(student)

    def records(self) -> Iterator[Record]:
        files = [file for table in _EVENTS for file in self._files if file.table == table]
        whole = sum(file.path.stat().st_size for file in files) or 1
        before = 0
        for file in files:
            for line in file.lines():
                yield self._record(file, line, min(1.0, (before + line.done) / whole))
            before += file.path.stat().st_size

    def _record(self, file: _File, line: MoodleRow, share: float) -> Record:
        if line.row is None:
            return Record(line.place, invalid("$", line.fault), b"", share)
        site = self._site
        outcome = from_log(line.row, site) if file.table == LOG else from_table(file.table, line.row, site)
        if isinstance(outcome, list):
            for event in outcome:
                self._seen.learn(event)
        body = msgspec.json.encode(line.row) if isinstance(outcome, Refused) else b""
        return Record(line.place, outcome, body, share)
