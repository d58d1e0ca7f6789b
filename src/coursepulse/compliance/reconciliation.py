"""The file of a learning platform beside what is known here. Nothing of the file is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from clickhouse_connect.driver.client import Client

from coursepulse.campus.reconciliation import Here, KnownFacts, Place, SheetComparison, There, compare
from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.formats.lms_sheet import STUDENTS, LmsSheet, SheetFault, SheetRow
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors as translate_clickhouse
from coursepulse.store.postgres.connect import Pool, translate_errors

_POSTGRES = Queries("coursepulse.store.postgres.queries")
_CLICKHOUSE = Queries("coursepulse.store.clickhouse.queries")

#: Courses of one file: each is a part of a query.
MOST_COURSES = 1000

#: Columns of e-mail addresses.
_MAILS = frozenset({"email", "email address", "e mail"})


class _Context(msgspec.Struct):
    course_id: str = ""


class _Refused(msgspec.Struct):
    """Of a refused event, who it is about and where."""

    student_id: str = ""
    context: _Context = msgspec.field(default_factory=_Context)


class Reconciled(NamedTuple):
    """What came of a file.

    :param column: the column by which students were recognised
    :param names: the platform's ids of students, as far as they are known
    """

    sheet: LmsSheet
    comparison: SheetComparison
    column: str
    courses: Sequence[str]
    names: Mapping[bytes, str]


class _Roster(NamedTuple):
    """Students by the platform's ids and by their addresses."""

    by_id: Mapping[str, bytes]
    by_mail: Mapping[str, bytes]
    left_out: Collection[bytes]


class Reconciler:
    """Compares files; may be used by many threads.

    :param pseudonym: the pseudonym of a platform's own student id
    """

    def __init__(
        self,
        pool: Pool,
        open_clickhouse: Callable[[], Client],
        dead_letters: DeadLetterQueue,
        pseudonym: Callable[[str], bytes],
    ) -> None:
        self._pool, self._open, self._dead_letters = pool, open_clickhouse, dead_letters
        self._pseudonym = pseudonym

    def reconcile(self, sheet: LmsSheet, course: str = "") -> Reconciled:
        """What differs between a file and what is known here.

        :param course: the course of a file that names none
        :raises SheetFault: ``no_course`` or ``too_many_courses``
        :raises StoreUnavailable: when a database does not answer
        """
        courses = _courses_of(sheet, course)
        roster = self._read_roster(sheet.rows)
        with translate_clickhouse("Reconciliation"):
            here, known, not_agreed = self._read_numbers(courses)
        column, there = self._recognise(sheet, course, roster, known)
        comparison = compare(
            there, here, self._facts(courses, here, roster, known, not_agreed, self._read_refused(courses))
        )
        return Reconciled(sheet, comparison, column, courses, self._names(comparison))

    def _read_roster(self, rows: Sequence[SheetRow]) -> _Roster:
        mails = {value.lower() for row in rows for name, value in row.ids.items() if name in _MAILS}
        ids = {value for row in rows for name, value in row.ids.items() if name not in _MAILS}
        found = self._ask("reconcile_people", ids=sorted(ids), mails=sorted(mails))
        return _Roster(
            {external: student.bytes for external, _, student, _ in found},
            {mail: student.bytes for _, mail, student, _ in found if mail},
            {student.bytes for _, _, student, left_out in found if left_out},
        )

    def _read_numbers(self, courses: Sequence[str]) -> tuple[list[Here], set[bytes], set[bytes]]:
        client = self._open()
        rows = client.query(_CLICKHOUSE["reconcile_learners"], parameters={"courses": list(courses)})
        here = [
            Here(student.bytes, course, bool(gone), bool(completed), grade)
            for course, student, gone, completed, grade in rows.result_rows
        ]
        known, not_agreed = (
            {row[0].bytes for row in client.query(_CLICKHOUSE[name]).result_rows}
            for name in ("reconcile_known", "reconcile_not_agreed")
        )
        return here, known, not_agreed

    def _recognise(
        self, sheet: LmsSheet, course: str, roster: _Roster, known: Collection[bytes]
    ) -> tuple[str, list[There]]:
        """The rows with pseudonyms, by the column that names the most people we know."""
        found = Counter[str]()
        for row in sheet.rows:
            found.update(
                name for name, value in row.ids.items() if self._is_known(name, value, roster, known)
            )
        used = {name for row in sheet.rows for name in row.ids}
        column = min(used, key=lambda name: (-found[name], STUDENTS.index(name)))
        return column, [
            There(
                self._student(column, value, roster),
                row.course or course,
                value,
                row.line,
                row.state,
                row.grade,
            )
            for row in sheet.rows
            if (value := row.ids.get(column)) and (row.course or course)
        ]

    def _is_known(self, column: str, value: str, roster: _Roster, known: Collection[bytes]) -> bool:
        if column in _MAILS:
            return value.lower() in roster.by_mail
        return value in roster.by_id or self._pseudonym(value) in known

    def _student(self, column: str, value: str, roster: _Roster) -> bytes:
        found = roster.by_mail.get(value.lower()) if column in _MAILS else roster.by_id.get(value)
        return found or self._pseudonym(value)

    def _read_refused(self, courses: Collection[str]) -> set[Place]:
        """Who has an event that waits as a dead letter, and in which of the courses."""
        wanted, found = set(courses), set[Place]()
        for letter in self._dead_letters.find(lambda _: True):
            try:
                refused = msgspec.json.decode(letter.body, type=_Refused)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                continue
            if refused.student_id and refused.context.course_id in wanted:
                found.add((self._pseudonym(refused.student_id), refused.context.course_id))
        return found

    def _facts(
        self,
        courses: Sequence[str],
        here: Sequence[Here],
        roster: _Roster,
        known: set[bytes],
        not_agreed: Collection[bytes],
        refused: Collection[Place],
    ) -> KnownFacts:
        cataloged = {row[0] for row in self._ask("reconcile_courses", courses=list(courses))}
        return KnownFacts(
            courses=cataloged | {each.course for each in here},
            people=known | set(roster.by_id.values()),
            left_out=roster.left_out,
            not_agreed=not_agreed,
            refused=refused,
        )

    def _names(self, comparison: SheetComparison) -> dict[bytes, str]:
        students = {each.student for each in comparison.differences if each.there is None}
        found = self._ask("reconcile_names", students=[UUID(bytes=each) for each in sorted(students)])
        return {student.bytes: external for student, external in found}

    def _ask(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        with translate_errors("Reconciliation"), self._pool.connection() as connection:
            return connection.execute(_POSTGRES[query], values).fetchall()


def _courses_of(sheet: LmsSheet, course: str) -> list[str]:
    courses = sorted({row.course or course for row in sheet.rows} - {""})
    if not courses:
        raise SheetFault("no_course")
    if len(courses) > MOST_COURSES:
        raise SheetFault("too_many_courses", most=MOST_COURSES)
    return courses
