"""Enrolments and grades as learning platforms export them, as CSV: from Moodle, from Canvas, or plain. Pure.

Columns are found by name, in any order, whatever else the file holds. What cannot be understood is said, never guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

#: Rows of one file.
MOST_ROWS = 200_000

#: Names of columns as they are compared, see :func:`_plain`; of several the first one that the file has.
STUDENTS = (
    *("student id", "external id", "sis user id", "sis id", "id number", "idnumber", "user id", "userid"),
    *("username", "sis login id", "login id", "id", "email address", "email", "e mail", "student"),
)
COURSES = (
    *("course id", "sis course id", "course short name", "course shortname", "shortname"),
    *("course code", "course idnumber", "course"),
)
STATES = (
    *("status", "state", "enrolment status", "enrollment status", "enrolment state", "enrollment state"),
    *("completion status", "workflow state"),
)
GRADES = (
    *("grade", "course total percentage", "final score", "final grade", "score", "grade percentage"),
    *("current score", "course total real", "course total", "total"),
)
#: Beside an id this column has the name, as in the gradebook of Canvas; alone it may have the id.
_NAME = "student"

ROLES = ("role", "type", "enrollment type", "roles")

#: Roles of learners; the rows of all others are left out.
_LEARNERS = frozenset({"student", "studentenrollment", "learner", ""})


class SheetState(StrEnum):
    """What a platform says of somebody in a course."""

    ENROLLED = "enrolled"
    COMPLETED = "completed"
    ENDED = "ended"


_WORDS = {
    SheetState.ENROLLED: (
        *("active", "enrolled", "enroled", "current", "ongoing", "registered", "open", "in progress"),
        *("not started", "not completed", "incomplete"),
    ),
    SheetState.COMPLETED: ("completed", "complete", "passed", "finished"),
    SheetState.ENDED: (
        *("inactive", "ended", "suspended", "dropped", "deleted", "withdrawn", "unenrolled", "unenroled"),
        *("cancelled", "canceled", "expired", "concluded"),
    ),
}
_STATES = {word: state for state, words in _WORDS.items() for word in words}

#: A number with a decimal point or comma, and a per cent sign or none.
_GRADE = re.compile(r"(\d{1,4}(?:[.,]\d{1,6})?) ?%?")
_NO_GRADE = frozenset({"", "-", "\u2013", "n/a", "null"})


class SheetFault(Exception):
    """The file as a whole cannot be read.

    :param kind: which fault it is; the catalogue says it under ``reconcile.fault.<kind>``
    :param values: what its sentence names
    """

    def __init__(self, kind: str, **values: object) -> None:
        super().__init__(kind)
        self.kind, self.values = kind, values


class SheetRow(NamedTuple):
    """A row of the file.

    :param ids: by column: what it says about who it is
    :param course: empty when the file has no column for it
    :param state: None when the file says nothing, or a word that nobody knows
    :param grade: per cent; None when there is none
    """

    line: int
    ids: dict[str, str]
    course: str = ""
    state: SheetState | None = None
    grade: float | None = None


class LmsSheet(NamedTuple):
    """A file that was read.

    :param columns: what was found in which column, as the file spells it
    :param unread: values that nobody knows, with their column and how often each is there
    :param skipped: rows without a student, and rows of teachers and others
    """

    rows: list[SheetRow]
    columns: dict[str, str]
    unread: Counter[tuple[str, str]]
    skipped: int


def read_sheet(body: bytes) -> LmsSheet:
    """The rows of a file.

    :raises SheetFault: ``empty``, ``workbook``, ``encoding``, ``no_student``, ``broken`` or ``too_many_rows``
    """
    lines = _lines(_decode(body))
    names = next(lines, (0, []))[1]
    if not any(name.strip() for name in names):
        raise SheetFault("empty")
    found = _Columns.find(names)
    sheet = LmsSheet([], found.spelled(names), Counter(), 0)
    skipped = 0
    for line, cells in lines:
        row = found.read(line, cells, sheet.unread)
        if row is None:
            skipped += 1
        else:
            sheet.rows.append(row)
        if len(sheet.rows) > MOST_ROWS:
            raise SheetFault("too_many_rows", most=MOST_ROWS)
    if not sheet.rows:
        raise SheetFault("empty")
    return sheet._replace(skipped=skipped)


def _decode(body: bytes) -> str:
    if body.startswith(b"PK\x03\x04"):
        raise SheetFault("workbook")
    coding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = body.decode(coding)
    except UnicodeDecodeError as error:
        raise SheetFault("encoding", line=body.count(b"\n", 0, error.start) + 1) from None
    if "\0" in text:
        raise SheetFault("encoding", line=text.count("\n", 0, text.index("\0")) + 1)
    return text


#: A line of its own below the last one, which stands in no file.
_END = "\0"


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not blank, with their numbers."""
    head = text.partition("\n")[0]
    # Excel writes semicolons where the comma is for decimals.
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(chain(io.StringIO(text, newline=""), [_END]), delimiter=delimiter)
    begun = 1
    try:
        for cells in reader:
            # An open quotation mark would swallow all who come after it.
            if cells and cells != [_END] and cells[-1].endswith(_END):
                raise SheetFault("broken", line=begun)
            if any(cells) and cells != [_END]:
                yield reader.line_num, cells
            begun = reader.line_num + 1
    except csv.Error:
        raise SheetFault("broken", line=begun) from None


class _Columns(NamedTuple):
    """Which column holds what, by place."""

    students: dict[str, int]
    course: int | None
    state: int | None
    grade: int | None
    role: int | None

    @staticmethod
    def find(names: Sequence[str]) -> _Columns:
        places: dict[str, int] = {}
        for place, name in enumerate(names):
            places.setdefault(_plain(name), place)

        def first(wanted: Sequence[str]) -> int | None:
            return next((places[name] for name in wanted if name in places), None)

        students = {name: places[name] for name in STUDENTS if name in places}
        if len(students) > 1:
            students.pop(_NAME, None)
        if not students:
            raise SheetFault("no_student", names=", ".join(name.strip()[:40] for name in names[:12]))
        return _Columns(students, first(COURSES), first(STATES), first(GRADES), first(ROLES))

    def spelled(self, names: Sequence[str]) -> dict[str, str]:
        places = {"course": self.course, "state": self.state, "grade": self.grade, "role": self.role}
        return {what: names[place].strip() for what, place in places.items() if place is not None}

    def read(self, line: int, cells: Sequence[str], unread: Counter[tuple[str, str]]) -> SheetRow | None:
        """A row; None for one that is about no learner."""

        def cell(place: int | None) -> str:
            return cells[place].strip() if place is not None and place < len(cells) else ""

        ids = {name: value[:128] for name, place in self.students.items() if (value := cell(place))}
        if not ids or _plain(cell(self.role)).replace(" ", "") not in _LEARNERS:
            return None
        state, grade = cell(self.state), cell(self.grade)
        return SheetRow(
            line, ids, cell(self.course)[:128], _read_state(state, unread), _read_grade(grade, unread)
        )


def _plain(name: str) -> str:
    """A name without capitals and marks: ``Course total (Percentage)`` is ``course total percentage``."""
    return " ".join(re.findall(r"[a-z0-9]+", name.casefold()))


def _read_state(text: str, unread: Counter[tuple[str, str]]) -> SheetState | None:
    state = _STATES.get(_plain(text))
    if text and state is None:
        unread["state", text[:40]] += 1
    return state


def _read_grade(text: str, unread: Counter[tuple[str, str]]) -> float | None:
    if text.casefold() in _NO_GRADE:
        return None
    found = _GRADE.fullmatch(text)
    if found is None:
        unread["grade", text[:40]] += 1
        return None
    return float(found[1].replace(",", "."))
