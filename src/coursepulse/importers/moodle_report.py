"""A log report as rows of the log."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from coursepulse.formats.moodle import report
from coursepulse.formats.moodle.fields import Row
from coursepulse.importers.moodle_files import MoodleRow, read_lines
from coursepulse.kit.errors import RequestError


def language_of(path: Path, columns: frozenset[str], wanted: str) -> str:
    """The language of a report; empty if the file is not a report.

    :param wanted: the language given by the user, or empty
    :raises RequestError: ``unknown_language``
    """
    if wanted and wanted not in report.LANGUAGES:
        known = ", ".join(report.LANGUAGES)
        raise RequestError(
            "unknown_language", f"`{wanted[:32]}` is not a supported report language; choose one of {known}."
        )
    found = report.languages_of(columns)
    if wanted and found and wanted not in found:
        said, is_in = report.LANGUAGES[wanted].name, report.LANGUAGES[found[0]].name
        raise RequestError("unknown_language", f"{path.name} is not in {said}: its columns are in {is_in}.")
    return wanted if wanted in found else "".join(found[:1])


def refuse_foreign(path: Path) -> None:
    """Refuses a report in another language, recognised by its descriptions, which are always in English.

    :raises RequestError: ``unknown_language``
    """
    first = next(read_lines(path), None)
    if first and first.row and any(map(report.user_said, first.row.values())):
        known = ", ".join(report.LANGUAGES)
        raise RequestError(
            "unknown_language",
            f"{path.name} is a log report in an unsupported language: download it in one of {known}.",
        )


class MoodleReport:
    """Read once in full first, to check the dates and find the ids of its courses.

    :param course: the id of its course, if the report does not contain it; or empty
    :raises RequestError: ``unknown_date`` or ``unknown_course``
    """

    def __init__(self, path: Path, language: str, zone: ZoneInfo, course: str) -> None:
        self.people: dict[str, str] = {}
        self._path, self._language = path, report.LANGUAGES[language]
        self._read_date = lru_cache(maxsize=4096)(self._parse)
        self._zone, self._course = zone, course
        self._courses = self._learn()

    def lines(self) -> Iterator[MoodleRow]:
        """The rows. Equal rows of one minute are distinguished by their number."""
        minute, seen = "", Counter[str]()
        for line in read_lines(self._path):
            if line.row is None:
                yield line
                continue
            time, course = self._column(line.row, "time"), self._column(line.row, "course")
            if course not in self._courses:
                yield line._replace(row=None, fault=f"No row contains the id of the course `{course[:64]}`.")
                continue
            if time != minute:
                minute, seen = time, Counter()
            whole = repr(sorted(line.row.items()))
            yield line._replace(row=self._log_row(line.row, seen[whole]))
            seen[whole] += 1

    def _log_row(self, row: Row, nth: int) -> Row:
        at = self._read_date(self._column(row, "time"))
        return report.log_row(row, self._language, at, self._courses[self._column(row, "course")], nth)

    def _column(self, row: Row, name: str) -> str:
        return report.column(row, self._language, name)

    def _parse(self, value: str) -> datetime:
        return report.read_date(value, self._language, self._zone)

    def _learn(self) -> dict[str, str]:
        """The ids of courses by their names in the report; a report of one course has no names."""
        said: defaultdict[str, set[str]] = defaultdict(set)
        for line in read_lines(self._path):
            if line.row is None:
                continue
            self._check_date(line)
            description = self._column(line.row, "description")
            said[self._column(line.row, "course")].add(report.course_said(description))
            self.people.setdefault(report.user_said(description), self._column(line.row, "person"))
        found = {name: ids - {""} for name, ids in said.items()}
        if "" in found and (self._course or len(found[""]) != 1):
            found[""] = {self._course or self._missing()}
        # An event outside any course has a dash.
        return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1} | {"-": ""}

    def _check_date(self, line: MoodleRow) -> None:
        value = self._column(line.row or {}, "time")
        try:
            self._read_date(value)
        except ValueError:
            raise RequestError(
                "unknown_date",
                f"{line.place}: `{value[:40]}` is not a date of a report in {self._language.name}; "
                f"--language selects another: {', '.join(report.LANGUAGES)}.",
            ) from None

    def _missing(self) -> str:
        raise RequestError(
            "unknown_course", f"{self._path.name} does not contain the id of its course: add --course ID."
        )
