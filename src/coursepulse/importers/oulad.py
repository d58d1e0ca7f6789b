"""The seven tables of OULAD as one stream of events in the order of their days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from coursepulse.campus.courses import Course
from coursepulse.campus.people import Person
from coursepulse.events.event import Envelope
from coursepulse.formats import oulad
from coursepulse.formats import oulad_tables as tables
from coursepulse.formats.outcome import Refused, invalid
from coursepulse.importers.buckets import Buckets
from coursepulse.importers.fingerprint import fingerprint
from coursepulse.importers.oulad_catalog import build_courses, build_lookups
from coursepulse.importers.reading import read_table
from coursepulse.importers.source import Record
from coursepulse.kit.errors import RequestError
from coursepulse.store.scratch import scratch_folder

TABLES = (
    "courses",
    "assessments",
    "vle",
    "studentInfo",
    "studentRegistration",
    "studentAssessment",
    "studentVle",
)

#: The share of the work that sorting by day counts as; sending is the rest.
_SORTING = 0.2


class _Table(NamedTuple):
    """A large table: its file, its columns, and the function that converts its rows."""

    path: Path
    kind: Any
    records_of: Callable[[Any], oulad.DayRecords]


class OuladFolder:
    """The official files, plain or gzip, in one folder.

    :param scratch: folder for temporary files, about as large as the uncompressed tables
    """

    name = "oulad"

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._files = {table: _find(folder, table) for table in TABLES}
        self._scratch = scratch
        self._lookups = build_lookups(self._files)

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.name, self._files.values())

    def courses(self) -> list[Course]:
        return build_courses(self._files, self._lookups)

    def withdrawn(self) -> list[str]:
        return []

    def person(self, student: str) -> Person:
        """OULAD has no names."""
        return Person(external_id=student)

    def records(self) -> Iterator[Record]:
        """First the skipped and broken rows, while reading; then the events, day by day."""
        with scratch_folder(self._scratch, "oulad-") as folder:
            buckets = Buckets(folder)
            yield from self._sort(buckets)
            for number, (record, nth) in enumerate(buckets.drain(), 1):
                share = _SORTING + (1 - _SORTING) * number / buckets.count
                yield Record("", [oulad.event_of(record, nth)], b"", share, read=0)

    def _sort(self, buckets: Buckets) -> Iterator[Record]:
        whole = sum(table.path.stat().st_size for table in self._large())
        before = 0
        for table in self._large():
            for number, row, done in read_table(table.path, table.kind):
                found = invalid("$", "The row is too short.") if row is None else table.records_of(row)
                share = _SORTING * (before + done) / whole
                yield _spread(found, buckets, f"line {number} of {table.path.name}", row, share)
            before += table.path.stat().st_size

    def _large(self) -> list[_Table]:
        files, lookups = self._files, self._lookups
        return [
            _Table(files["studentRegistration"], tables.StudentRegistration, oulad.registration_records),
            _Table(files["studentInfo"], tables.StudentInfo, partial(oulad.result_records, lookups=lookups)),
            _Table(
                files["studentAssessment"],
                tables.StudentAssessment,
                partial(oulad.assessment_records, lookups=lookups),
            ),
            _Table(files["studentVle"], tables.StudentVle, partial(oulad.click_records, lookups=lookups)),
        ]


_NOTHING: list[Envelope] = []


def _spread(found: oulad.DayRecords, buckets: Buckets, place: str, row: Any, share: float) -> Record:
    """Sorts the records of a row into their days; returns the outcome of the row."""
    if isinstance(found, list):
        for record in found:
            buckets.add(record)
        return Record(place, _NOTHING, b"", share)
    body = msgspec.json.encode(row._asdict() if row else None) if isinstance(found, Refused) else b""
    return Record(place, found, body, share)


def _find(folder: Path, table: str) -> Path:
    for name in (f"{table}.csv", f"{table}.csv.gz"):
        if (folder / name).is_file():
            return folder / name
    raise RequestError("no_such_file", f"{folder} has no {table}.csv or {table}.csv.gz.")
