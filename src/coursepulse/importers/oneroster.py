"""Imports a OneRoster package through the roster API."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

import msgspec

from coursepulse.campus.courses import Course
from coursepulse.campus.deliveries import Whole
from coursepulse.campus.enrolments import Enrolment, Teaching
from coursepulse.campus.organisations import Organisation
from coursepulse.campus.people import Person
from coursepulse.formats.oneroster import FileMode
from coursepulse.formats.outcome import Refused, Skipped, invalid
from coursepulse.importers.destination import RosterDestination
from coursepulse.importers.oneroster_files import Package
from coursepulse.importers.oneroster_names import Names, find_whole
from coursepulse.importers.oneroster_rows import Book, Found
from coursepulse.importers.progress import Bar
from coursepulse.importers.receipt import NAMED, RefusedRecord
from coursepulse.kit.clock import SECOND, Clock, system_clock, utc_date
from coursepulse.kit.errors import RequestError

#: The most rows of one request.
_BATCH = 2000

#: The most names of one request.
_NAMES = 10_000

#: The largest share of current rows that a bulk file may end by not naming them: a truncated file looks the same.
_MOST = 0.2

#: The default source of deliveries.
SOURCE = "oneroster"


class _RosterPart(NamedTuple):
    name: str
    path: str


#: The endpoint of each kind of row. OneRoster does not know the parts of courses, so they are kept.
_PARTS: dict[type, _RosterPart] = {
    Organisation: _RosterPart("organisations", "/v1/roster/organisations"),
    Person: _RosterPart("people", "/v1/roster/people"),
    Course: _RosterPart("courses", "/v1/roster/courses?parts=keep"),
    Enrolment: _RosterPart("enrolments", "/v1/roster/enrolments?{stamp}"),
    Teaching: _RosterPart("teaching", "/v1/roster/teaching?{stamp}"),
}


class RosterImportReceipt(msgspec.Struct, kw_only=True):
    """The receipt of one import.

    :param read: rows by file
    :param accepted: rows that the server took, by part of the roster
    :param ended: enrolments and teaching that ended because a bulk file does not name them
    :param rejected: refused rows, by reason
    :param skipped: valid rows that hold nothing we keep, by reason
    :param refusals: the first refused rows by name
    :param notes: remarks about how the files were read
    """

    format: str = "oneroster"
    version: str
    read: Counter[str] = msgspec.field(default_factory=Counter)
    accepted: Counter[str] = msgspec.field(default_factory=Counter)
    ended: int = 0
    rejected: Counter[str] = msgspec.field(default_factory=Counter)
    skipped: Counter[str] = msgspec.field(default_factory=Counter)
    seconds: float = 0.0
    refusals: list[RefusedRecord] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)

    def refuse(self, refusal: RefusedRecord) -> None:
        """Counts a refused row, and names it if it is among the first."""
        self.rejected[refusal.reason] += 1
        if len(self.refusals) < NAMED:
            self.refusals.append(refusal)


def import_roster(
    path: Path,
    destination: RosterDestination,
    *,
    id_column: str = "sourcedId",
    time_zone: str = "UTC",
    source: str = SOURCE,
    force: bool = False,
    clock: Clock = system_clock,
    bar: Bar | None = None,
) -> RosterImportReceipt:
    """Send a folder or ZIP file of OneRoster 1.1 or 1.2. Idempotent.

    :param id_column: the column of ``users`` with the ids that the platform's events use
    :param time_zone: of all people, because OneRoster has none
    :param source: the system that the package is from: a bulk file ends nothing that came from another
    :param force: end everything that a bulk file does not name, however much
    :raises CoursepulseError: when a file or the server fails for good; ``too_many_missing`` or ``nameless_rows``
        before the first row is sent
    """
    began = clock()
    wanted = _Wanted(id_column, time_zone, utc_date(began), source, force)
    receipt = _RosterImport(Package(path), destination, wanted, bar).run()
    receipt.seconds = round((clock() - began) / SECOND, 3)
    return receipt


class _Wanted(NamedTuple):
    """How a package is to be read, see :func:`import_roster`."""

    id_column: str
    time_zone: str
    today: date
    source: str
    force: bool


class _RosterImport:
    def __init__(
        self, package: Package, destination: RosterDestination, wanted: _Wanted, bar: Bar | None
    ) -> None:
        self._package, self._destination, self._wanted, self._bar = package, destination, wanted, bar
        self._delivery = uuid4()
        self._book = self._open_book()
        self._receipt = RosterImportReceipt(version=package.manifest.version, notes=package.notes)
        self._waiting: dict[type, list[tuple[msgspec.Struct, str]]] = {kind: [] for kind in _PARTS}

    def run(self) -> RosterImportReceipt:
        """Send the rows. For a complete package, check first what would end, and end it last."""
        whole = find_whole(self._package.manifest)
        if whole:
            self._rehearse(whole)
        self._send_all()
        if whole:
            self._receipt.ended = self._destination.end_missing(self._whole()).ended
        return self._receipt

    def _open_book(self) -> Book:
        wanted, modes = self._wanted, self._package.manifest.modes
        return Book(wanted.today, wanted.id_column, wanted.time_zone, modes.get("users", FileMode.ABSENT))

    def _whole(self, *, rehearse: bool = False) -> Whole:
        most = 1.0 if self._wanted.force else _MOST
        return Whole(source=self._wanted.source, delivery=self._delivery, most=most, rehearse=rehearse)

    @property
    def _stamp(self) -> str:
        return urlencode({"source": self._wanted.source, "delivery": self._delivery})

    def _rehearse(self, whole: str) -> None:
        """Refuse a package that would end too much, before anything is sent.

        :raises RequestError: ``too_many_missing`` or ``nameless_rows``
        """
        names = Names(self._package, whole, self._open_book())
        named = iter(names)
        while some := list(islice(named, _NAMES)):
            self._destination.put(f"/v1/roster/seen?{self._stamp}", some)
        try:
            ended = self._destination.end_missing(self._whole(rehearse=True)).ended
        except RequestError as error:
            if error.code != "too_many_missing":
                raise
            hint = "No row was sent. If the package is right, import it again with --force."
            raise RequestError(error.code, f"{error} {hint}", error.status) from None
        if names.nameless and ended and not self._wanted.force:
            raise RequestError("nameless_rows", _explain_nameless(names.nameless, ended))

    def _send_all(self) -> None:
        whole = sum(map(self._package.size, self._package.tables)) or 1
        before = 0
        for table in self._package.tables:
            for line in self._package.lines(table):
                self._receipt.read[table] += 1
                found = (
                    invalid("$", "The row is too short.")
                    if line.row is None
                    else self._book.take(table, line.row)
                )
                self._sort(found, f"line {line.number} of {table}.csv")
                self._show((before + line.done) / whole)
            # Later rows may refer to it.
            for kind in _PARTS:
                self._send(kind)
            before += self._package.size(table)
        self._show(1.0)

    def _sort(self, found: Found | None, place: str) -> None:
        if isinstance(found, Skipped):
            self._receipt.skipped[found.reason] += 1
        elif isinstance(found, Refused):
            self._receipt.refuse(RefusedRecord(place, *found))
        elif found is not None:
            self._waiting[type(found)].append((found, place))
            if len(self._waiting[type(found)]) >= _BATCH:
                self._send(type(found))

    def _send(self, kind: type) -> None:
        batch, self._waiting[kind] = self._waiting[kind], []
        if not batch:
            return
        part = _PARTS[kind]
        verdicts = self._destination.put(part.path.format(stamp=self._stamp), [row for row, _ in batch])
        self._receipt.accepted[part.name] += len(batch) - len(verdicts)
        for verdict in verdicts:
            place = batch[verdict.index][1]
            self._receipt.refuse(RefusedRecord(place, verdict.reason, verdict.path, verdict.sentence))

    def _show(self, share: float) -> None:
        if self._bar:
            self._bar.show(share, self._receipt.accepted.total())


def _explain_nameless(nameless: int, ended: int) -> str:
    return (
        f"{nameless:,} rows of users.csv or enrollments.csv do not identify a person, and {ended:,} enrolments "
        "or teachings would end because no row names them: correct the rows, or import again with --force."
    )
