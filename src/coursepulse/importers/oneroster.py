"""A package of OneRoster, sent through the endpoints of the roster."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from coursepulse.campus.courses import Course
from coursepulse.campus.enrolments import Enrolment, Teaching
from coursepulse.campus.organisations import Organisation
from coursepulse.campus.people import Person
from coursepulse.formats.oneroster import Mode
from coursepulse.formats.outcome import Refused, Skipped, invalid
from coursepulse.importers.door import Door
from coursepulse.importers.oneroster_files import Package
from coursepulse.importers.oneroster_rows import Book, Found
from coursepulse.importers.progress import Bar
from coursepulse.importers.receipt import NAMED, Refusal
from coursepulse.kit.clock import SECOND, Clock, system_clock, utc_date

#: Rows of one request.
_BATCH = 2000


class _Part(NamedTuple):
    name: str
    path: str


#: Where each kind of row goes. What courses are made of is known to the platform, not to OneRoster: it stays.
_PARTS: dict[type, _Part] = {
    Organisation: _Part("organisations", "/v1/roster/organisations"),
    Person: _Part("people", "/v1/roster/people"),
    Course: _Part("courses", "/v1/roster/courses?parts=keep"),
    Enrolment: _Part("enrolments", "/v1/roster/enrolments"),
    Teaching: _Part("teaching", "/v1/roster/teaching"),
}


class RosterReceipt(msgspec.Struct, kw_only=True):
    """What came of one import.

    :param read: rows by file
    :param accepted: rows that the server took, by part of the roster
    :param rejected: refused rows, by reason
    :param skipped: sound rows that say nothing we keep, by reason
    :param refusals: the first refused rows by name
    """

    format: str = "oneroster"
    version: str
    read: Counter[str] = msgspec.field(default_factory=Counter)
    accepted: Counter[str] = msgspec.field(default_factory=Counter)
    rejected: Counter[str] = msgspec.field(default_factory=Counter)
    skipped: Counter[str] = msgspec.field(default_factory=Counter)
    seconds: float = 0.0
    refusals: list[Refusal] = msgspec.field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Counts a refused row, and names it if it is among the first."""
        self.rejected[refusal.reason] += 1
        if len(self.refusals) < NAMED:
            self.refusals.append(refusal)


def import_roster(
    path: Path,
    door: Door,
    *,
    id_column: str = "sourcedId",
    time_zone: str = "UTC",
    clock: Clock = system_clock,
    bar: Bar | None = None,
) -> RosterReceipt:
    """Send a folder or ZIP file of OneRoster 1.1 or 1.2. Sending it again changes nothing.

    :param id_column: of ``users``: the id by which the platform's events name the person
    :param time_zone: of everybody, because OneRoster has none
    :raises CoursepulseError: when a file or the server fails for good
    """
    began = clock()
    receipt = _Import(Package(path), door, id_column, time_zone, utc_date(began), bar).run()
    receipt.seconds = round((clock() - began) / SECOND, 3)
    return receipt


class _Import:
    def __init__(
        self, package: Package, door: Door, id_column: str, time_zone: str, today: date, bar: Bar | None
    ) -> None:
        self._package, self._door, self._bar = package, door, bar
        self._book = Book(today, id_column, time_zone, package.manifest.modes.get("users", Mode.ABSENT))
        self._receipt = RosterReceipt(version=package.manifest.version)
        self._waiting: dict[type, list[tuple[msgspec.Struct, str]]] = {kind: [] for kind in _PARTS}

    def run(self) -> RosterReceipt:
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
            # What comes next may refer to it.
            for kind in _PARTS:
                self._send(kind)
            before += self._package.size(table)
        self._show(1.0)
        return self._receipt

    def _sort(self, found: Found | None, place: str) -> None:
        if isinstance(found, Skipped):
            self._receipt.skipped[found.reason] += 1
        elif isinstance(found, Refused):
            self._receipt.refuse(Refusal(place, *found))
        elif found is not None:
            self._waiting[type(found)].append((found, place))
            if len(self._waiting[type(found)]) >= _BATCH:
                self._send(type(found))

    def _send(self, kind: type) -> None:
        batch, self._waiting[kind] = self._waiting[kind], []
        if not batch:
            return
        part = _PARTS[kind]
        verdicts = self._door.put(part.path, [row for row, _ in batch])
        self._receipt.accepted[part.name] += len(batch) - len(verdicts)
        for verdict in verdicts:
            place = batch[verdict.index][1]
            self._receipt.refuse(Refusal(place, verdict.reason, verdict.path, verdict.sentence))

    def _show(self, share: float) -> None:
        if self._bar:
            self._bar.show(share, self._receipt.accepted.total())
