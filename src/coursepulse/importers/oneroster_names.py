"""The people in a OneRoster package. A bulk file is complete: people who are not in it have left."""

from __future__ import annotations

from collections.abc import Iterator

from coursepulse.campus.deliveries import Seen
from coursepulse.formats.oneroster import FileMode, Manifest, Row, UserKind, is_removed, kind_of
from coursepulse.importers.oneroster_files import Package
from coursepulse.importers.oneroster_rows import Book


def find_whole(manifest: Manifest) -> str:
    """The file that is complete about enrolments and teaching, if any: that of enrolments, otherwise that of people."""
    return next((table for table in ("enrollments", "users") if manifest.modes[table] is FileMode.BULK), "")


class Names:
    """Reads a package once before it is sent.

    :param whole: the complete file, see :func:`find_whole`
    :param book: a new one, which collects the people
    """

    def __init__(self, package: Package, whole: str, book: Book) -> None:
        self._package, self._whole, self._book = package, whole, book
        #: Rows without a person, which may be about anyone.
        self.nameless = 0

    def __iter__(self) -> Iterator[Seen]:
        for table in ("roles", "users", "enrollments"):
            if table in self._package.tables and (table != "enrollments" or self._whole == table):
                yield from self._read(table)

    def _read(self, table: str) -> Iterator[Seen]:
        for line in self._package.lines(table):
            if line.row is None or not line.row["userSourcedId" if table != "users" else "sourcedId"]:
                self.nameless += 1
            elif table == "enrollments":
                yield from self._name_place(line.row)
            else:
                self._book.take(table, line.row)
                if table == "users":
                    yield from self._name_person(line.row)

    def _name_person(self, row: Row) -> Iterator[Seen]:
        external_id = self._book.external_id(row["sourcedId"])
        if external_id is None:
            self.nameless += 1
        elif self._whole == "users" and not is_removed(row):
            yield Seen(external_id=external_id)

    def _name_place(self, row: Row) -> Iterator[Seen]:
        """Counts rows that will be refused for another reason too: the person is named."""
        external_id, kind = self._book.external_id(row["userSourcedId"]), _kind(row)
        if is_removed(row) or kind not in (UserKind.STUDENT, UserKind.TEACHER, None):
            return
        if external_id and row["classSourcedId"]:
            teaches = None if kind is None else kind is UserKind.TEACHER
            yield Seen(external_id=external_id, course_id=row["classSourcedId"], teaches=teaches)
        elif external_id or self._package.manifest.modes["users"] is not FileMode.BULK:
            # Without a class; or about a person whose id in events only a complete file of people could give.
            self.nameless += 1


def _kind(row: Row) -> UserKind | None:
    """The role in a class; None if it is not a role of OneRoster."""
    try:
        return kind_of(row["role"])
    except ValueError:
        return None
