"""Imports parts of the roster from CSV files through the roster API: one file a part, named after it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from coursepulse.campus.certificates import Certificate
from coursepulse.campus.enrolments import Enrolment, Teaching
from coursepulse.campus.organisations import Organisation, Team
from coursepulse.campus.people import Person
from coursepulse.campus.seats import Budget, SeatPool
from coursepulse.campus.target_profiles import TargetProfile
from coursepulse.campus.trainings import Training
from coursepulse.importers.destination import Destination
from coursepulse.importers.reading import open_table
from coursepulse.importers.receipt import NAMED, RefusedRecord
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.wording import plainly, take_apart

#: What each file holds, in the order in which nothing is unknown. Courses have too many parts for a table.
PARTS: dict[str, type[msgspec.Struct]] = {
    "organisations": Organisation,
    "people": Person,
    "teams": Team,
    "enrolments": Enrolment,
    "teaching": Teaching,
    "trainings": Training,
    "certificates": Certificate,
    "profiles": TargetProfile,
    "seats": SeatPool,
    "budgets": Budget,
}

#: Columns that hold several ids.
_LISTS = frozenset({"managers", "members", "people"})

_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_FLAGS = frozenset({"mandatory", "is_test"})

#: Where fields go that the first line does not name.
_MORE = ""

#: Rows of one request.
_AT_ONCE = 5_000


class _CsvLine(NamedTuple):
    place: str
    row: msgspec.Struct


class CsvReceipt(msgspec.Struct, kw_only=True):
    """The receipt of one import.

    :param accepted: rows that the server took, by part of the roster
    :param rejected: refused rows, by reason
    :param refusals: the first refused rows by name
    """

    format: str = "roster"
    accepted: Counter[str] = msgspec.field(default_factory=Counter)
    rejected: Counter[str] = msgspec.field(default_factory=Counter)
    refusals: list[RefusedRecord] = msgspec.field(default_factory=list)

    def refuse(self, refusal: RefusedRecord) -> None:
        """Counts a refused row, and names it if it is among the first."""
        self.rejected[refusal.reason] += 1
        if len(self.refusals) < NAMED:
            self.refusals.append(refusal)


def import_csv(paths: Sequence[Path], destination: Destination) -> CsvReceipt:
    """Send the files, whatever their order. Idempotent, like the API.

    :raises CoursepulseError: when one cannot be read: then nothing was sent
    """
    files = sorted(paths, key=lambda path: list(PARTS).index(_part_of(path)))
    for path in files:
        for _ in _read(path):
            pass  # all of them before the first row is sent: half of a roster would look like all of it
    receipt = CsvReceipt()
    for path in files:
        _send(path, destination, receipt)
    return receipt


def _part_of(path: Path) -> str:
    part = path.name.partition(".")[0]
    if part not in PARTS:
        raise CoursepulseError(f"{path.name} must be named after what it holds: {', '.join(PARTS)}.")
    return part


def _send(path: Path, destination: Destination, receipt: CsvReceipt) -> None:
    part, lines = _part_of(path), _read(path)
    while some := list(islice(lines, _AT_ONCE)):
        verdicts = destination.put(f"/v1/roster/{part}", [line.row for line in some])
        receipt.accepted[part] += len(some) - len(verdicts)
        for verdict in verdicts:
            place = some[verdict.index].place
            receipt.refuse(RefusedRecord(place, verdict.reason, verdict.path, verdict.sentence))


def _read(path: Path) -> Iterator[_CsvLine]:
    kind = PARTS[_part_of(path)]
    with open_table(path) as lines:
        reader = csv.DictReader(lines, restkey=_MORE)
        _check_header(path, reader.fieldnames or (), kind)
        for row in reader:
            place = f"line {reader.line_num} of {path.name}"
            yield _CsvLine(place, _to_row(place, row, kind))


def _check_header(path: Path, header: Iterable[str], kind: type[msgspec.Struct]) -> None:
    given, known = set(header), {field.name for field in msgspec.structs.fields(kind)}
    needed = {field.name for field in msgspec.structs.fields(kind) if field.required}
    if not needed <= given or not given <= known:
        more = ", ".join(sorted(known - needed))
        raise CoursepulseError(
            f"The first line of {path.name} must name {', '.join(sorted(needed))}; {more} are optional."
        )


def _to_row(place: str, row: dict[str, str], kind: type[msgspec.Struct]) -> msgspec.Struct:
    if _MORE in row:
        raise CoursepulseError(f"The {place} has more fields than the first one; nothing was sent.")
    said = {name: _value(name, text.strip()) for name, text in row.items() if text and text.strip()}
    try:
        return msgspec.convert(said, kind, strict=False)
    except msgspec.ValidationError as error:
        where, message = take_apart(error)
        raise CoursepulseError(f"{place}: {where} {plainly(message)}. Nothing was sent.") from None


def _value(name: str, text: str) -> object:
    if name in _LISTS:
        return [each.strip() for each in text.split(";") if each.strip()]
    if name == "needs":
        return [_need(each.strip()) for each in text.split(";") if each.strip()]
    return _TRUTHS.get(text.lower(), text) if name in _FLAGS else text


def _need(text: str) -> dict[str, str]:
    """``skill first-aid 70`` or ``course safety-1 100``."""
    kind, _, rest = text.partition(" ")
    name, _, level = rest.rpartition(" ")
    return {"skill" if kind == "skill" else "course_id" if kind == "course" else kind: name, "level": level}
